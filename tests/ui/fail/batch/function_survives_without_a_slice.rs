use larder::cached;
use std::collections::HashMap;

#[cached(batch)]
fn rows(id: u64) -> HashMap<u64, u64> {
    HashMap::from([(id, 1)])
}

fn main() {
    let _ = rows(3);
    let _ = rows::entry(3).get();
    let _ = rows::uncached(3);
    let _ = rows::all();
}
