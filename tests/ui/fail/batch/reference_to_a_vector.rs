use larder::cached;
use std::collections::HashMap;

#[cached(batch, key = "row:<ids>")]
fn rows(ids: &Vec<u64>) -> HashMap<u64, u64> {
    ids.iter().map(|id| (*id, 1)).collect()
}

fn main() {
    let _ = rows(&vec![3]);
}
