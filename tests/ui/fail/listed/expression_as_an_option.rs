use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(entry = user::entry(id))]
fn rename(id: u64) {}

fn main() {
    rename(1);
}
