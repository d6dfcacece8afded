use larder::cached;

#[cached(axum, vary = ["accept", "accept"])]
async fn page() -> &'static str {
    "page"
}

fn main() {
    drop(page());
}
