use larder::cached;

struct User(u64);

#[cached]
fn user(id: u64) -> Option<User> {
    Some(User(id))
}

fn main() {
    let _ = user(3);
}
