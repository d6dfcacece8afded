use larder::cached;

#[cached(key = "square:x>")]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
