use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(user::all())]
#[cached]
fn rename(id: u64) -> u64 {
    id
}

fn main() {
    rename(1);
    let _ = rename::entry(1);
}
