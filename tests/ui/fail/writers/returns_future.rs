use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

use std::pin::Pin;

#[invalidates(user::all())]
fn rename(_: u64) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async {})
}

fn main() {
    drop(rename(1));
}
