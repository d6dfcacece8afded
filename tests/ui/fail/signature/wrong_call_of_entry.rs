use larder::cached;

#[cached]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
    let _ = square::entry("3").get();
}
