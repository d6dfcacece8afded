use larder::cached;

#[cached(unless = |x| x == 0)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
