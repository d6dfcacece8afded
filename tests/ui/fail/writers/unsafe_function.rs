use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(user::all())]
unsafe fn rename(id: u64) -> u64 {
    id
}

fn main() {
    unsafe { rename(1) };
}
