use larder::cached;

#[cached(axum = true)]
async fn page() -> &'static str {
    "page"
}

fn main() {
    drop(page());
}
