use larder::cached;

use std::rc::Rc;

#[cached(early = 0.8)]
async fn load(id: u64) -> u64 {
    let id = Rc::new(id);
    std::future::ready(()).await;
    *id
}

fn main() {
    let _ = load(4);
}
