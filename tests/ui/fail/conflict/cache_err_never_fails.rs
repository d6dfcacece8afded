use larder::cached;

#[cached(cache_err = "10s")]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
