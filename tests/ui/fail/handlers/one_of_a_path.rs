use axum::extract::Path;

#[larder::cached(axum, timeout = 60, key = "document:<id>")]
async fn document(Path((tenant, id)): Path<(u64, u64)>) -> String {
    format!("{tenant} {id}")
}

fn main() {}
