use larder::cached;

struct Users;

impl Users {
    #[cached(key = "user:<id>")]
    fn user(&self, id: u64) -> u64 {
        id
    }
}

fn main() {
    Users.user(3);
}
