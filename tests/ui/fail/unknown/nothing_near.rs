use larder::cached;

#[cached(colour = "red")]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
