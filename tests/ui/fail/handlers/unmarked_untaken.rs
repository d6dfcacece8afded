use axum::Json;
use axum::extract::State;
use larder::cached;

#[cached(timeout = 60)]
async fn page(db: State<u64>) -> Result<Json<u64>, String> {
    Ok(Json(db.0))
}

fn main() {
    drop(page(State(1)));
}
