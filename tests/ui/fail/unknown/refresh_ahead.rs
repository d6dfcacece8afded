use larder::cached;

#[cached(refresh_ahead = 0.8)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
