use larder::cached;

#[cached(axum, browser = never)]
async fn page() -> &'static str {
    "page"
}

fn main() {
    drop(page());
}
