use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates("team:7", || user::entry(id), user::all(), on_error = never, wombat = 1, 7)]
async unsafe fn rename() {}

fn main() {}
