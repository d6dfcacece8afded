use larder::{KeyPart, cached};
use std::collections::HashMap;

#[derive(Clone, KeyPart)]
struct Id(u64);

#[cached(batch, key = "row:<ids>")]
fn rows(ids: &[Id]) -> HashMap<Id, u64> {
    HashMap::new()
}

fn main() {
    let _ = rows(&[Id(3)]);
    let _: Option<u64> = rows::one(Id(3));
    let _: Option<u64> = rows::entry(Id(3)).get();
}
