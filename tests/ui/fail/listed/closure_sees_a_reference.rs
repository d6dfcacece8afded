use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(|id| user::entry(id))]
fn create(name: &str) -> u64 {
    name.len() as u64
}

fn main() {
    create("a");
}
