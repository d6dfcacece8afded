use larder::cached;

#[cached(key = "square:<>")]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
