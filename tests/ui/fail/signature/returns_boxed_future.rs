use larder::cached;

use std::pin::Pin;

#[cached]
fn square(x: u64) -> Pin<Box<dyn Future<Output = u64>>> {
    Box::pin(async move { x * x })
}

fn main() {
    drop(square(3));
}
