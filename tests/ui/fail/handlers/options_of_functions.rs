use larder::cached;

#[cached(axum, batch, cache_none, cache_err = "10s", codec = json)]
async fn page() -> &'static str {
    "page"
}

fn main() {
    drop(page());
}
