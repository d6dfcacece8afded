use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

type Later<T> = std::pin::Pin<Box<dyn Future<Output = T> + Send>>;

#[invalidates(user::entry(id))]
fn rename(id: u64) -> Later<()> {
    Box::pin(async {})
}

fn main() {
    drop(rename(1));
}
