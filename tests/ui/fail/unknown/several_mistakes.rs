use larder::cached;

#[cached(tiemout = 60, key = "square:{x}", key = "x", version = -1, codec = yaml, jitter = 2)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
