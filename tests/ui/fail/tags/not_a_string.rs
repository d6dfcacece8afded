use larder::cached;

#[cached(tags(x))]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
