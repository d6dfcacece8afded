use larder::cached;

#[cached(store_if = |value| value + 1)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
