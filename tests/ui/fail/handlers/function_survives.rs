use axum::extract::{Path, State};
use axum::response::IntoResponse;
use larder::cached;

#[cached(axum, timeout = 0, key = "page:<id>", vary = ["accept"])]
async fn page(Path(id): Path<u64>, State(db): State<u64>) -> impl IntoResponse {
    format!("{id} {db}")
}

fn main() {
    drop(page(Path(1), State(2)));
    drop(page::uncached(Path(1), State(2)));
    drop(page::entry(1, [None]).invalidate());
    drop(page::all().bump());
    let _ = axum::routing::get(page).with_state::<()>(2_u64);
}
