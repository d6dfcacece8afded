use larder::cached;
use std::collections::HashMap;

#[cached(batch)]
fn rows(ids: &[&str]) -> HashMap<String, u64> {
    ids.iter().map(|id| (id.to_string(), 1)).collect()
}

fn main() {
    let _ = rows(&["a"]);
}
