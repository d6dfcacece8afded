use larder::cached;
use std::collections::HashMap;

type Rows = HashMap<u64, u64>;

#[cached(batch, key = "row:<ids>:<names>")]
fn rows(names: &[String], ids: &[u64]) -> Rows {
    ids.iter().map(|id| (*id, names.len() as u64)).collect()
}

fn main() {
    let _ = rows(&[], &[3]);
}
