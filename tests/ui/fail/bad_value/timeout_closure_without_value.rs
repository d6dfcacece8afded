use larder::cached;

#[cached(timeout = || std::time::Duration::from_secs(60))]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
