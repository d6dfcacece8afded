use larder::cached;

#[cached(axum, status(200, 503))]
async fn page() -> &'static str {
    "page"
}

fn main() {
    drop(page());
}
