use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(user::entry(name))]
fn rename(name: &str) {}

fn main() {
    rename("a");
}
