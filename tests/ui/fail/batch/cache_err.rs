use larder::cached;
use std::collections::HashMap;

#[cached(batch, cache_err = 5)]
fn rows(ids: &[u64]) -> Result<HashMap<u64, u64>, String> {
    Ok(ids.iter().map(|id| (*id, 1)).collect())
}

fn main() {
    let _ = rows(&[3]);
}
