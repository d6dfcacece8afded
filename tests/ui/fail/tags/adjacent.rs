use larder::cached;

#[cached(tags("<x><y>"))]
fn square(x: u64, y: u64) -> u64 {
    x * y
}

fn main() {
    square(3, 4);
}
