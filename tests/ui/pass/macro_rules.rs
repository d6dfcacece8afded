//! Annotated functions that a macro writes.
#![forbid(unsafe_code)]
#![deny(warnings)]

use larder::cached;

macro_rules! lookups {
    ($($name:ident($arg:ident: $type:ty) -> $returns:ty, $seconds:literal, $key:literal, $body:block;)*) => {$(
        #[cached(timeout = $seconds, key = $key)]
        fn $name($arg: $type) -> $returns $body
    )*};
}

lookups! {
    square(x: u64) -> u64, 60, "square:<x>", { x * x };
    name(id: &str) -> Option<String>, "5m", "name:<id>", { Some(id.to_owned()) };
}

macro_rules! with_condition {
    ($name:ident, $condition:expr, $cache:expr) => {
        #[cached(unless = $condition, cache = $cache)]
        fn $name(x: u64) -> u64 {
            x + 1
        }
    };
}

with_condition!(next, 1 > 2, larder::cache());

macro_rules! methods {
    ($type:ident, $entry:ident) => {
        impl $type {
            #[cached(ignore(self), entry = $entry)]
            async fn user(&self, id: u64) -> u64 {
                id
            }
        }
    };
}

struct Users;
methods!(Users, user_entry);

fn main() {
    assert_eq!((square(3), name("a"), next(1)), (9, Some("a".to_owned()), 2));
    assert_eq!((square::entry(3).get(), next::entry(1).get()), (Some(9), Some(2)));
    drop((Users.user(3), Users.user_entry(3)));
}
