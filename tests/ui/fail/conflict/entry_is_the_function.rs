use larder::cached;

struct Users;

impl Users {
    #[cached(ignore(self), entry = user)]
    fn user(&self, id: u64) -> u64 {
        id
    }
}

fn main() {
    Users.user(3);
}
