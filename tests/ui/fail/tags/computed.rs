use larder::cached;

#[cached(tags(format!("square:{x}")))]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
