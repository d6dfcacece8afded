use larder::cached;

struct User(u64);

impl User {
    #[cached]
    fn with(id: u64) -> Self {
        Self(id)
    }
}

fn main() {
    User::with(3);
}
