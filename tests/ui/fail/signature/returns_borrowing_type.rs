use larder::cached;

use std::borrow::Cow;

#[cached]
fn name(id: &str) -> Cow<'_, str> {
    id.into()
}

fn main() {
    name("a");
}
