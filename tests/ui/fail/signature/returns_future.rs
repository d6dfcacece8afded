use larder::cached;

#[cached]
fn square(x: u64) -> impl Future<Output = u64> {
    async move { x * x }
}

fn main() {
    drop(square(3));
}
