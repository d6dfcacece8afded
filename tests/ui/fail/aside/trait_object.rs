use larder::cached;

#[cached(early = 0.8, ignore(name))]
fn load(name: &dyn ToString) -> u64 {
    name.to_string().len() as u64
}

fn main() {
    let _ = load(&3);
}
