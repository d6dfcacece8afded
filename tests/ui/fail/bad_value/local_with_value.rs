use larder::cached;

#[cached(local = true)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
