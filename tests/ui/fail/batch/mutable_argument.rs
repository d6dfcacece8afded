use larder::cached;
use std::collections::HashMap;

#[cached(batch, ignore(log))]
fn rows(ids: &[u64], log: &mut Vec<u64>) -> HashMap<u64, u64> {
    log.extend(ids);
    HashMap::new()
}

fn main() {
    let _ = rows(&[3], &mut Vec::new());
}
