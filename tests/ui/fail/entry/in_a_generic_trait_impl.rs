use larder::cached;

trait Repository<T> {
    async fn user<U: larder::KeyPart>(&self, id: T, other: U) -> Option<T>;
}

struct Db<T>(T);

impl<T: larder::KeyPart + Clone + Send + Sync + 'static> Repository<T> for Db<T> {
    #[cached(key = "user:<id>:<other>", entry = user_entry, ignore(self))]
    async fn user<U: larder::KeyPart>(&self, id: T, other: U) -> Option<T> {
        Some(id)
    }
}

fn main() {
    drop(Db(1_u64).user(1, "a"));
}
