use larder::cached;
use std::collections::HashMap;

struct Filter(u64);

struct Rows;

impl Rows {
    #[cached(batch, early = 0.8, key = "row:<ids>:<filter.0>", ignore(self))]
    fn get(&self, ids: &[u64], filter: Filter) -> HashMap<u64, u64> {
        ids.iter().map(|id| (*id, filter.0)).collect()
    }
}

fn main() {
    let _ = Rows.get(&[3], Filter(1));
}
