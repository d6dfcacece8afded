use larder::cached;

#[cached(ignore(db), tags("db:<db>", "x:<y>"))]
fn square(x: u64, db: &str) -> u64 {
    x + db.len() as u64
}

fn main() {
    square(3, "a");
    let _ = square::entry(3, "a").get();
    let _ = square::uncached(3, "a");
    let _ = square::all();
}
