use larder::cached;

#[cached]
fn name(id: u64) -> &str {
    if id == 0 { "a" } else { "b" }
}

fn main() {
    name(3);
    let _ = name::uncached(3);
}
