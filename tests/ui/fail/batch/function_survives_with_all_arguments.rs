use larder::cached;
use std::collections::HashMap;

#[cached(batch, key = "row")]
fn rows(ids: &[u64]) -> HashMap<u64, u64> {
    ids.iter().map(|id| (*id, 1)).collect()
}

fn main() {
    let _ = rows(&[3]);
    let _: Option<u64> = rows::one(3);
    let _: Option<u64> = rows::entry(3).refresh();
    let _: HashMap<u64, u64> = rows::refresh(&[3]);
    let _ = rows::uncached(&[3]);
    let _ = rows::all();
}
