use larder::cached;

struct User(u64);

#[cached]
fn user(id: u64) -> User {
    User(id)
}

fn main() {
    user(3);
    let _ = user::entry(3).invalidate();
    let _ = user::uncached(3);
    let _ = user::all();
}
