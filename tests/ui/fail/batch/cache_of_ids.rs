use larder::cached;
use std::collections::HashMap;

fn cache_of(_: &[u64]) -> larder::Cache {
    larder::cache()
}

#[cached(batch, cache = cache_of(ids))]
fn rows(ids: &[u64]) -> HashMap<u64, u64> {
    ids.iter().map(|id| (*id, 1)).collect()
}

fn main() {
    let _ = rows(&[3]);
}
