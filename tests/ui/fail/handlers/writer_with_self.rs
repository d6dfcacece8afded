use larder::{cached, invalidates};

#[cached(timeout = 60)]
async fn pages() -> u64 {
    1
}

struct Api;

impl Api {
    #[invalidates(axum, pages::all())]
    async fn write(&self) {}
}

fn main() {
    drop((pages(), Api.write()));
}
