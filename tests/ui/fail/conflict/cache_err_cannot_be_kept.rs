use larder::cached;

#[cached(cache_err = "10s")]
fn square(x: u64) -> Result<u64, std::io::Error> {
    Ok(x * x)
}

fn main() {
    let _ = square(3);
}
