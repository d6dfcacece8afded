use larder::cached;

use std::cell::Cell;

#[cached(early = 0.8, ignore(list))]
async fn load(list: &Cell<u64>, id: u64) -> u64 {
    std::future::ready(()).await;
    list.get() + id
}

fn main() {
    let _ = load(&Cell::default(), 4);
}
