use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates()]
fn rename(id: u64) {
    drop(user(id));
}

fn main() {
    rename(1);
}
