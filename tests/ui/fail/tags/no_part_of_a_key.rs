use larder::cached;

#[cached(ignore(ratio), tags("ratio:<ratio>"))]
fn square(x: u64, ratio: f64) -> u64 {
    let _ = ratio;
    x
}

fn main() {
    square(3, 1.5);
}
