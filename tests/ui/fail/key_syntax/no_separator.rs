use larder::cached;

#[cached(key = "square:<x>-<y>")]
fn square(x: u64, y: u64) -> u64 {
    x * y
}

fn main() {
    square(3, 4);
}
