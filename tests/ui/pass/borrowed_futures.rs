//! What a caller may do with futures and handles made from borrowed arguments.
#![forbid(unsafe_code)]
#![deny(warnings)]

use larder::cached;

struct Db(u64);

#[cached(key = "load:<name>", ignore(db))]
async fn load(db: &Db, name: &str) -> u64 {
    db.0 + name.len() as u64
}

#[cached]
async fn length<'a, T: AsRef<str> + larder::KeyPart + Sync + ?Sized>(name: &'a T) -> u64 {
    name.as_ref().len() as u64
}

fn spawn<F: Future + Send + 'static>(future: F) {
    drop(future);
}

fn main() {
    let handle = {
        let name = String::from("short-lived");
        load::entry(&name)
    };
    spawn(async move { handle.invalidate().await });
    spawn(async move {
        let (db, name) = (Db(1), String::from("a"));
        let _ = length::entry(name.as_str()).get().await;
        let _ = length(&name).await;
        load(&db, &name).await + load::refresh(&db, &name).await
    });
}
