use axum::extract::{Path, State};
use larder::cached;

#[cached(axum, key = "page:<id>")]
async fn page(Path(id): Path<u64>, State(db): State<u64>) -> String {
    format!("{id} {db}")
}

fn main() {
    drop(page::entry("1"));
}
