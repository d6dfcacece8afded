use larder::cached;

#[cached(cache_none = true)]
fn user(id: u64, preview: bool) -> Option<u64> {
    preview.then_some(id)
}

fn main() {
    user(1, true);
}
