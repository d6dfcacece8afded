use larder::cached;

use std::borrow::Cow;

#[cached(early = 0.8)]
fn load(name: Cow<'_, str>) -> u64 {
    name.len() as u64
}

fn main() {
    let _ = load("a".into());
}
