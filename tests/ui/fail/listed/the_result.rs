use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(user::all(), user::entry(result?))]
fn create(name: &str) -> Option<u64> {
    Some(name.len() as u64)
}

fn main() {
    create("a");
}
