use larder::cached;
use std::collections::HashMap;

struct Row(u64);

#[cached(batch)]
fn rows(ids: &[u64]) -> HashMap<u64, Row> {
    ids.iter().map(|id| (*id, Row(*id))).collect()
}

fn main() {
    let _ = rows(&[3]);
}
