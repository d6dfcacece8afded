use larder::cached;

#[cached(stale_if_error = HOUR)]
fn square(x: u64) -> Result<u64, String> {
    Ok(x * x)
}

fn main() {
    let _ = square(3);
}
