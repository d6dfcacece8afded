use larder::cached;

struct Users(u64);

impl Users {
    #[cached]
    fn user(&mut self, id: u64) -> u64 {
        self.0 + id
    }
}

fn main() {
    Users(1).user(3);
}
