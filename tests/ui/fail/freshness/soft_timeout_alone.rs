use larder::cached;

#[cached(timeout = 60, soft_timeout = "200ms")]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
