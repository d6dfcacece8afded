use larder::cached;

#[cached]
fn square(x: u64) -> impl Iterator<Item = u64> {
    0..x
}

fn main() {
    square(3).count();
}
