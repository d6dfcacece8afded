use larder::cached;

#[cached(key = "square:<x>")]
fn square(x: u64, factor: u64) -> u64 {
    x * factor
}

fn main() {
    square(3, 4);
    let _ = square::entry(3, 4).get();
    let _ = square::uncached(3, 4);
    let _ = square::all();
}
