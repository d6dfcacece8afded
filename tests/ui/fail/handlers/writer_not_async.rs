use larder::{cached, invalidates};

#[cached(timeout = 60)]
async fn pages() -> u64 {
    1
}

#[invalidates(pages::all(), axum)]
fn write() -> &'static str {
    "done"
}

fn main() {
    drop((pages(), write()));
}
