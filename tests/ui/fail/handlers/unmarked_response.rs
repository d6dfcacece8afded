use axum::response::IntoResponse;
use larder::cached;

#[cached(timeout = 60)]
async fn page() -> impl IntoResponse {
    "page"
}

fn main() {
    drop(page());
}
