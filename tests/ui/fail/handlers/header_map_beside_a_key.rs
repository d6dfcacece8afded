use axum::extract::Path;
use axum::http::HeaderMap;
use larder::cached;

#[cached(axum, key = "page:<id>")]
async fn page(Path(id): Path<u64>, headers: HeaderMap) -> String {
    format!("{id} {headers:?}")
}

fn main() {
    let _ = axum::routing::get::<_, _, ()>(page);
}
