use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[cached]
#[invalidates(user::all())]
fn rename(id: u64) -> u64 {
    id
}

fn main() {
    rename(1);
    let _ = rename::entry(1);
}
