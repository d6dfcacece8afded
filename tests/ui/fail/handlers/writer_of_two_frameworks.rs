use larder::{cached, invalidates};

#[cached(timeout = 60)]
async fn pages() -> u64 {
    1
}

#[invalidates(axum, pages::all(), actix)]
async fn write() {}

fn main() {
    drop((pages(), write()));
}
