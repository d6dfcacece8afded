use larder::cached;

#[cached(axum, vary = ["*"])]
async fn page() -> &'static str {
    "page"
}

fn main() {
    drop(page());
}
