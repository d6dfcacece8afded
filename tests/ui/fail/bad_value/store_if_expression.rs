use larder::cached;

#[cached(store_if = 3 > 2)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
