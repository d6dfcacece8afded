use larder::{KeyPart, cached};
use std::collections::HashMap;

#[cached(batch, key = "row:<ids>:<filter>")]
async fn rows<F: KeyPart>(ids: &[u64], filter: F) -> HashMap<u64, u64> {
    let _ = filter;
    ids.iter().map(|id| (*id, 1)).collect()
}

fn main() {
    let _ = rows(&[3], "a");
}
