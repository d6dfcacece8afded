use axum::Json;
use larder::cached;

#[cached(axum)]
async fn page(Json(id): Json<u64>) -> String {
    id.to_string()
}

fn main() {
    let _ = axum::routing::get::<_, _, ()>(page);
}
