use larder::cached;

#[cached(axum, vary = ["Accept-Language"])]
async fn page() -> &'static str {
    "page"
}

fn main() {
    drop(page());
}
