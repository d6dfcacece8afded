use axum::extract::Path;
use larder::cached;

#[cached(timeout = 60, key = "page:<id>")]
async fn page(Path(id): Path<u64>) -> String {
    id.to_string()
}

fn main() {
    drop((page(Path(1)), page::entry(Path(1))));
}
