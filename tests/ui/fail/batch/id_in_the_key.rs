use larder::cached;
use std::collections::HashMap;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Id(u64);

#[cached(batch, key = "row:<ids>")]
fn rows(ids: &[Id]) -> HashMap<Id, u64> {
    ids.iter().map(|id| (*id, 1)).collect()
}

fn main() {
    let _ = rows(&[Id(3)]);
}
