use larder::cached;

struct User;

#[cached(axum)]
async fn page() -> User {
    User
}

fn main() {
    let _ = axum::routing::get::<_, _, ()>(page);
}
