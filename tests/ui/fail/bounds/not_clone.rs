use larder::cached;

struct User(u64);

#[cached]
fn user(id: u64) -> User {
    User(id)
}

fn main() {
    user(3);
}
