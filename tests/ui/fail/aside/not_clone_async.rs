use larder::cached;

struct Db(u64);

#[cached(stale_while_revalidate = "1m", ignore(db))]
async fn load(db: &Db, id: u64) -> u64 {
    db.0 + id
}

fn main() {
    let _ = load(&Db(3), 4);
}
