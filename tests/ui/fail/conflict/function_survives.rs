use larder::cached;

#[cached(key = "square:<x>", ignore(x))]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
    let _ = square::entry().get();
    let _ = square::uncached(3);
    let _ = square::all();
}
