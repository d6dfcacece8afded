use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(user::all())]
async fn rename() -> u64 {
    "a"
}

fn main() {
    drop(rename());
}
