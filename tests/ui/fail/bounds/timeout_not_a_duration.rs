use larder::cached;

#[cached(timeout = |value| *value)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
