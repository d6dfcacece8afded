use larder::cached;

#[cached(soft_timeout = "1s")]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
