use axum::http::HeaderMap;
use larder::cached;

#[cached(axum)]
async fn page(headers: HeaderMap) -> String {
    format!("{headers:?}")
}

fn main() {
    let _ = axum::routing::get::<_, _, ()>(page);
}
