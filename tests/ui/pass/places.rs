//! In modules, inside functions, beside an import of the same name, under conditions.
#![forbid(unsafe_code)]
#![deny(warnings)]

mod users {
    use larder::cached;

    #[cached(timeout = 60, key = "users.user:<id>")]
    pub fn user(id: u64) -> u64 {
        id
    }

    #[cached(timeout = 60, key = "users.name:<id>")]
    pub(crate) fn name(id: u64) -> String {
        id.to_string()
    }

    #[cfg(any())]
    #[cached]
    fn missing(id: Missing) -> u64 {
        id
    }

    #[cfg_attr(all(), cached)]
    #[must_use]
    pub(super) fn conditional(id: u64) -> u64 {
        id
    }
}

use users::{name, user};

fn main() {
    #[larder::cached(timeout = "1m", key = "local:<x>")]
    fn local(x: u64) -> u64 {
        x
    }

    assert_eq!((user(3), name(3), local(3)), (3, "3".to_owned(), 3));
    assert_eq!((user::entry(3).get(), local::entry(3).get()), (Some(3), Some(3)));
    assert_eq!(users::conditional(3), 3);
    let _ = name::all();
}
