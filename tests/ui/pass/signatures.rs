//! Everything that an argument may be, and arguments that only the attribute uses.
#![forbid(unsafe_code)]
#![deny(warnings)]

use larder::{Cache, cached};

struct Way<T>(T);
struct Page {
    number: u64,
    size: u64,
}

#[cached(key = "patterns:<id>:<a>:<number>", ignore(size, b))]
fn patterns(Way(id): Way<u64>, (a, b): (u8, u8), Page { number, size, .. }: Page) -> u64 {
    id + u64::from(a + b) + number + size
}

#[cached(ignore(_unused))]
fn underscored(mut count: u64, _: u8, _unused: u8, &x: &u64) -> u64 {
    count += x;
    count
}

#[cached(cache = cache, ignore(cache, preview, force, version), unless = preview, refresh_if = force, revision = version)]
fn attribute_only(cache: &Cache, preview: bool, mut force: bool, version: u64, id: u64) -> u64 {
    force = !force;
    id + u64::from(force)
}

#[cached(cache = state, ignore(state))]
async fn state(Way(state): Way<&Cache>, id: u64) -> u64 {
    id
}

#[cached(key = "key_only:<tenant>:<id>")]
fn key_only(tenant: u64, id: u64) -> u64 {
    id
}

struct Receivers;

impl Receivers {
    #[cached(ignore(self), entry = by_value_entry)]
    fn by_value(self, id: u64) -> u64 {
        id
    }

    #[cached(ignore(self), entry = boxed_entry)]
    fn boxed(self: Box<Self>, id: u64) -> u64 {
        id
    }

    #[cached(ignore(self), entry = mutable_entry)]
    fn mutable(&mut self, id: u64) -> u64 {
        id
    }
}

fn main() {
    let page = || Page { number: 3, size: 4 };
    assert_eq!(patterns(Way(1), (1, 1), page()), 10);
    assert_eq!(patterns::entry(Way(1), (1, 1), page()).get(), Some(10));
    assert_eq!(underscored(1, 2, 3, &4), 5);
    let cache = larder::cache();
    assert_eq!(attribute_only(&cache, false, false, 1, 3), 4);
    assert_eq!(attribute_only::entry(&cache, 1, 3).get(), Some(4));
    drop((state(Way(&cache), 3), key_only(1, 2)));
    assert_eq!((Receivers.by_value(1), Box::new(Receivers).boxed(2), Receivers.mutable(3)), (1, 2, 3));
    assert_eq!(Receivers.mutable_entry(3).get(), Some(3));
    let _ = (Receivers.by_value_entry(1).get(), Box::new(Receivers).boxed_entry(2).get());
}
