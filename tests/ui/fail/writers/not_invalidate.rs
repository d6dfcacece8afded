use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

struct User;

#[invalidates(user::entry(id), User, user::all())]
async fn rename(id: u64) {}

fn main() {
    drop(rename(1));
}
