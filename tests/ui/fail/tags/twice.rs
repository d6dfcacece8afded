use larder::cached;

#[cached(tags("all", "square:<x>", "all"))]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
