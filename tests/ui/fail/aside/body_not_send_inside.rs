use larder::cached;

#[derive(Clone)]
struct Users(u64);

impl Users {
    #[cached(key = "load:<self.0>:<id>", early = 0.8)]
    async fn load(&self, id: u64) -> u64 {
        let id = std::rc::Rc::new(id);
        std::future::ready(()).await;
        *id + self.0
    }
}

fn main() {
    drop(Users(3).load(4));
}
