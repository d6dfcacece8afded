use larder::cached;
use std::collections::HashMap;

#[cached(batch, key = "row", ignore(db))]
fn rows(ids: &[u64], db: &str) -> HashMap<u64, u64> {
    ids.iter().map(|id| (*id, db.len() as u64)).collect()
}

fn main() {
    let _ = rows(&[3], "a");
    let _: Option<u64> = rows::one(3, "a");
    let _ = rows::entry(3).get();
    let _ = rows::refresh(&[3], "a");
    let _ = rows::uncached(&[3], "a");
    let _ = rows::all();
}
