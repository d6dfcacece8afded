use larder::cached;

#[cached(crate = 3)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
