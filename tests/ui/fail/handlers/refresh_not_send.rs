use axum::extract::State;
use larder::cached;
use std::rc::Rc;

#[cached(axum, early = 0.5)]
async fn page(State(db): State<Rc<u64>>) -> String {
    db.to_string()
}

fn main() {
    drop(page::entry());
}
