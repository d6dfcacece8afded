use larder::cached;

#[cached(timeout = 60, early = 60)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
