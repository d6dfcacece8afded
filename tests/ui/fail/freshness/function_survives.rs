use larder::cached;

#[cached(soft_timeout = "200ms", early = 0.8)]
async fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    drop(square(3));
    drop(square::entry(3).get());
    drop(square::uncached(3));
    let _ = square::all();
}
