use larder::cached;

#[cached(ignore(x.y))]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
