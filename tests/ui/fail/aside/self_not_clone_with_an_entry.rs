use larder::cached;

struct Users(u64);

impl Users {
    #[cached(key = "load:<self.0>:<id>", early = 0.8, entry = load_entry)]
    async fn load(&self, id: u64) -> u64 {
        self.0 + id
    }
}

fn main() {
    drop(Users(3).load(4));
}
