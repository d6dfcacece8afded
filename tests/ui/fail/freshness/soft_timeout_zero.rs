use larder::cached;

#[cached(stale_if_error = 60, soft_timeout = 0)]
fn square(x: u64) -> Result<u64, String> {
    Ok(x * x)
}

fn main() {
    let _ = square(3);
}
