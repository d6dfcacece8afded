use axum::extract::Path;
use axum::response::IntoResponse;
use larder::{cached, invalidates};

#[cached(axum, timeout = 60, key = "user:<id>")]
async fn user(Path(id): Path<u64>) -> String {
    id.to_string()
}

#[invalidates(user::entry(id))]
async fn rename(Path(id): Path<u64>) -> impl IntoResponse {
    id.to_string()
}

#[invalidates(user::entry(id))]
async fn remove(Path(id): Path<u64>) -> String {
    id.to_string()
}

fn main() {}
