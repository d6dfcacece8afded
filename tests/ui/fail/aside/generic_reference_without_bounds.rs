use larder::cached;

#[cached(early = 0.8, key = "load:<id>", ignore(with))]
fn load<T>(id: u64, with: &T) -> u64 {
    let _ = with;
    id
}

fn main() {
    load(3, &4);
}
