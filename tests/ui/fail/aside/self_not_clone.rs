use larder::cached;

struct Users(u64);

impl Users {
    #[cached(key = "load:<self.0>:<id>", early = 0.8)]
    fn load(&self, id: u64) -> u64 {
        self.0 + id
    }
}

fn main() {
    let _ = Users(3).load(4);
}
