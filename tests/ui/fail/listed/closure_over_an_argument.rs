use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(|id| user::entry(id))]
fn rename(id: u64) {
    user(id);
}

fn main() {
    rename(1);
}
