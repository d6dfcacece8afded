use larder::cached;

#[cached]
fn square(x: f64) -> u64 {
    x as u64
}

fn main() {
    square(3.0);
}
