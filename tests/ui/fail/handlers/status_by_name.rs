use larder::cached;

#[cached(axum, status(NOT_FOUND))]
async fn page() -> &'static str {
    "page"
}

fn main() {
    drop(page());
}
