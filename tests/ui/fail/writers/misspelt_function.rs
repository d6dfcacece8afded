use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(uesr::entry(id))]
fn rename(id: u64) {}

fn main() {
    user(1);
    rename(1);
}
