use larder::cached;

#[cached(axum, vary = "accept-language")]
async fn page() -> &'static str {
    "page"
}

fn main() {
    drop(page());
}
