use larder::cached;

#[cached(crate = "my::larder")]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
