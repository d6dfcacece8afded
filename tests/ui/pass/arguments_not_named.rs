//! A body that stays inside a method and may run on the side, or several times: what it does not name it need not own.

use std::collections::HashMap;

use larder::cached;

struct Db {
    tenant: u32,
}

impl Db {
    #[cached(key = "not_named.a:<id>", ignore(self, _other), stale_while_revalidate = "1m")]
    fn a(&self, id: u64, _other: &Self) -> u64 {
        id
    }

    #[cached(key = "not_named.b:<self.tenant>:<other.tenant>:<id>", early = 0.8)]
    async fn b(&self, id: u64, other: Self) -> u64 {
        id
    }

    #[cached(batch, key = "not_named.c:<self.tenant>:<other.tenant>:<ids>")]
    fn c(&self, ids: &[u64], other: Self) -> HashMap<u64, u64> {
        ids.iter().map(|id| (*id, 1)).collect()
    }
}

fn main() {
    let db = Db { tenant: 1 };
    assert_eq!(db.a(3, &Db { tenant: 2 }), 3);
    drop(db.b(3, Db { tenant: 2 }));
    assert_eq!(db.c(&[3], Db { tenant: 2 }).len(), 1);
}
