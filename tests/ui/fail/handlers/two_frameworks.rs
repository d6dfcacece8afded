use larder::cached;

#[cached(axum, actix)]
async fn page() -> &'static str {
    "page"
}

fn main() {
    drop(page());
}
