use larder::cached;

#[cached(timeout = never, jitter = 0.1)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
