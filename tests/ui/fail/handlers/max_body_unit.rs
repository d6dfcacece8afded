use larder::cached;

#[cached(axum, max_body = "64 kilobytes")]
async fn page() -> &'static str {
    "page"
}

fn main() {
    drop(page());
}
