use larder::{KeyPart, cached};
use std::collections::HashMap;

#[derive(Clone, Copy, PartialEq, Eq, Hash, KeyPart)]
struct Id(u64);

#[cached(batch)]
fn rows(ids: &[Id]) -> HashMap<u64, u64> {
    ids.iter().map(|id| (id.0, 1)).collect()
}

fn main() {
    let _ = rows(&[Id(3)]);
}
