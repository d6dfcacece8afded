use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(user::entry(id).expire())]
fn rename(id: u64) {}

fn main() {
    rename(1);
}
