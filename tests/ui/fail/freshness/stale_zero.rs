use larder::cached;

#[cached(stale_while_revalidate = 0)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
