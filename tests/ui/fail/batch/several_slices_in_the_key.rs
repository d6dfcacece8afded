use larder::cached;
use std::collections::HashMap;

#[cached(batch, key = "row:<ids>:<teams>")]
fn rows(ids: &[u64], teams: &[u64]) -> HashMap<u64, u64> {
    ids.iter().map(|id| (*id, teams.len() as u64)).collect()
}

fn main() {
    let _ = rows(&[3], &[]);
}
