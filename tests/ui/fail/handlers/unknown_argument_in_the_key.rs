use axum::extract::Path;
use larder::cached;

#[cached(axum, key = "page:<path>")]
async fn page(Path(id): Path<u64>) -> String {
    id.to_string()
}

fn main() {
    drop(page(Path(1)));
}
