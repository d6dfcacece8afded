use larder::cached;

struct Db(u64);

#[cached]
fn user(db: &Db, id: u64) -> u64 {
    db.0 + id
}

fn main() {
    user(&Db(1), 3);
}
