use larder::cached;

trait Repository {
    fn user(&self, id: u64) -> u64;
}

struct Db;

impl Repository for Db {
    #[cached(key = "user:<id>", ignore(self), entry = user_entry)]
    fn user(&self, id: u64) -> u64 {
        id
    }
}

fn main() {
    Db.user(1);
}
