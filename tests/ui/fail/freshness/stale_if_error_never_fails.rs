use larder::cached;

#[cached(stale_if_error = "1h")]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
