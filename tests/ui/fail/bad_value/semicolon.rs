use larder::cached;

#[cached(timeout = 60; cache_none)]
fn user(id: u64, preview: bool) -> Option<u64> {
    preview.then_some(id)
}

fn main() {
    user(1, true);
}
