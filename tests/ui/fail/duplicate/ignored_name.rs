use larder::cached;

#[cached(ignore(a, a))]
fn square(x: u64, a: &str) -> u64 {
    x * a.len() as u64
}

fn main() {
    square(3, "a");
    let _ = square::entry(3).get();
}
