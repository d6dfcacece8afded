use larder::cached;

#[cached(timeout = |_| 60)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
