use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(7)]
fn rename(id: u64) -> u64 {
    user(id)
}

fn main() {
    let _: u64 = rename(1);
}
