use larder::cached;

#[cached(early = 0.8)]
fn load(names: &[&str]) -> u64 {
    names.len() as u64
}

fn main() {
    let _ = load(&["a"]);
}
