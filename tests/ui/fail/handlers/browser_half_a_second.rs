use larder::cached;

#[cached(axum, browser = 0.5, cdn = "250ms")]
async fn page() -> &'static str {
    "page"
}

fn main() {
    drop(page());
}
