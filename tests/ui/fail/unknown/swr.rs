use larder::cached;

#[cached(swr = "30s")]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
