use larder::cached;

#[cached(stale_while_revalidate)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
