use larder::cached;

#[cached]
fn square(x: u64, #[cfg(any())] y: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
