use larder::cached;
use std::collections::HashMap;

struct Db(u64);

#[cached(batch, key = "row:<ids>", stale_while_revalidate = 60, ignore(db))]
async fn rows(ids: &[u64], db: Db) -> HashMap<u64, u64> {
    ids.iter().map(|id| (*id, db.0)).collect()
}

fn main() {
    let _ = rows(&[3], Db(1));
}
