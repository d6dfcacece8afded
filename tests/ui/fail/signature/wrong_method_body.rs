use larder::cached;

struct Users;

impl Users {
    #[cached(ignore(self))]
    async fn user(&self, id: u64) -> u64 {
        id.to_string()
    }
}

fn main() {
    drop(Users.user(3));
}
