use larder::cached;

#[cached(key = "square:<x>")]
fn square(x: u64, factor: u64) -> u64 {
    x * factor
}

fn main() {
    square(3, 4);
}
