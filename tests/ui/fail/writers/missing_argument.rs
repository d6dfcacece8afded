use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(user::entry())]
fn rename(name: &str) {}

fn main() {
    rename("a");
}
