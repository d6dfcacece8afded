use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(|id, made| user::entry(made))]
fn rename(id: u64) -> u64 {
    id
}

fn main() {
    rename(1);
}
