use larder::{KeyPart, cached};
use std::collections::BTreeMap;

#[derive(PartialEq, Eq, PartialOrd, Ord, KeyPart)]
struct Id(u64);

#[cached(batch, early = 0.8, key = "row:<ids>")]
async fn rows(ids: Vec<Id>) -> Result<BTreeMap<Id, u64>, std::io::Error> {
    Ok(BTreeMap::new())
}

fn main() {
    drop(rows(vec![Id(3)]));
}
