use larder::cached;

#[cached(early = 0.8)]
async fn load(name: Option<&str>) -> u64 {
    name.map_or(0, str::len) as u64
}

fn main() {
    drop(load(None));
    drop(load::entry(Some("a")).get());
    drop(load::uncached(None));
    let _ = load::all();
}
