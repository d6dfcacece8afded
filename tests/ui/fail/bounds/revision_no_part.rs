use larder::cached;

#[cached(key = "x:<x>", revision = 1.5)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
