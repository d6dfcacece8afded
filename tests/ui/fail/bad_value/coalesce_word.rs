use larder::cached;

#[cached(coalesce = no)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
