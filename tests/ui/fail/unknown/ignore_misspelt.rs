use larder::cached;

#[cached(ignroe(base))]
fn square(base: &str, x: u64) -> u64 {
    x * base.len() as u64
}

fn main() {
    square("base", 3);
    let _ = square::entry(3).get();
    square::refresh("base", 3);
}
