use larder::{cached, invalidates};

#[cached(timeout = 60)]
async fn pages() -> u64 {
    1
}

#[invalidates(axum, pages::all())]
async fn write() -> Option<u64> {
    None
}

fn main() {
    drop((pages(), write()));
}
