use larder::cached;

#[cached(cache = 3)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
