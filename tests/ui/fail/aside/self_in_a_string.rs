use larder::cached;

#[derive(Clone, Debug)]
struct Users(u64);

macro_rules! shown {
    ($text:literal) => { format!($text) };
}

impl Users {
    #[cached(key = "load:<self.0>:<id>", early = 0.8)]
    fn load(&self, id: u64) -> String {
        shown!("{self:?}{id}")
    }
}

fn main() {
    let _ = Users(3).load(4);
}
