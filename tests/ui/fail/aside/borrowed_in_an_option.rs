use larder::cached;

#[cached(stale_while_revalidate = "1m")]
fn load(name: Option<&str>) -> u64 {
    name.map_or(0, str::len) as u64
}

fn main() {
    let _ = load(None);
}
