use larder::cached;

struct Users(u64);

impl Users {
    #[cached(early = 0.8, ignore(self))]
    fn load(&mut self, id: u64) -> u64 {
        self.0 += id;
        self.0
    }
}

fn main() {
    let _ = Users(3).load(4);
}
