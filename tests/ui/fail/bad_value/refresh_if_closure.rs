use larder::cached;

#[cached(refresh_if = || true)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
