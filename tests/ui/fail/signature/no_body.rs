use larder::cached;

trait Users {
    #[cached]
    fn user(&self, id: u64) -> u64;
}

fn main() {}
