use larder::cached;

#[cached(jitter = 10)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
