use larder::cached;

#[cached(cache_err = never)]
fn square(x: u64) -> Result<u64, String> {
    Ok(x * x)
}

fn main() {
    let _ = square(3);
}
