use larder::cached;

#[cached(tags("square:{x}"))]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
