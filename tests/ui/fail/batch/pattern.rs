use larder::cached;
use std::collections::HashMap;

#[cached(batch)]
fn rows([first, ..]: &[u64]) -> HashMap<u64, u64> {
    HashMap::from([(*first, 1)])
}

fn main() {
    let _ = rows(&[3]);
}
