use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(user::entry(id), on_error = return)]
fn rename(id: u64) -> Option<u64> {
    Some(id)
}

fn main() {
    rename(1);
}
