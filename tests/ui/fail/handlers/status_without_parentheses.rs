use larder::cached;

#[cached(axum, status = 404)]
async fn page() -> &'static str {
    "page"
}

fn main() {
    drop(page());
}
