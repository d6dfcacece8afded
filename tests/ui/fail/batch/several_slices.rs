use larder::cached;
use std::collections::HashMap;

#[cached(batch)]
fn rows(ids: &[u64], names: Vec<String>) -> HashMap<u64, u64> {
    ids.iter().map(|id| (*id, names.len() as u64)).collect()
}

fn main() {
    let _ = rows(&[3], Vec::new());
}
