use axum::extract::State;
use larder::cached;

#[cached(timeout = 60)]
async fn page(State(db): State<u64>) -> String {
    db.to_string()
}

fn main() {
    drop(page(State(1)));
}
