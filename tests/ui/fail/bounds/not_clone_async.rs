use larder::cached;

struct User(u64);

#[cached]
async fn user(id: u64) -> User {
    User(id)
}

fn main() {
    drop(user(3));
}
