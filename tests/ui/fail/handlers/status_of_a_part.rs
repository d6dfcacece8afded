use larder::cached;

#[cached(axum, status(200, 206))]
async fn page() -> &'static str {
    "page"
}

fn main() {
    drop(page());
}
