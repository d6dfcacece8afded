use axum::Extension;
use larder::cached;

#[derive(Clone)]
struct User;

#[cached(axum)]
async fn page(Extension(_user): Extension<User>) -> &'static str {
    "page"
}

fn main() {
    let _ = axum::routing::get::<_, _, ()>(page);
}
