use larder::cached;

#[cached(timeout = 60, stale_if_error = "1h")]
async fn square(x: u64) -> Option<u64> {
    Some(x * x)
}

fn main() {
    drop(square(3));
}
