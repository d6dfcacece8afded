use larder::cached;

#[cached(timeout = 60, axum)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
    let _ = square::entry(3).get();
    let _ = square::uncached(3);
    let _ = square::all();
}
