//! The crate under another name, in the attribute and in the derive.
#![deny(warnings)]

mod toolkit {
    pub mod storage {
        pub use ::larder::*;
    }
}
mod larder {}

use crate::toolkit::storage::{KeyPart, cached};

#[derive(KeyPart)]
#[key_part(crate = crate::toolkit::storage)]
struct Id(u64);

#[cached(crate = crate::toolkit::storage, key = "square:<x>", ignore(base))]
fn square(base: u64, x: Id) -> u64 {
    base * x.0
}

#[cached(crate = crate::toolkit::storage)]
async fn later(x: Id) -> u64 {
    x.0
}

struct Users;

impl Users {
    #[cached(crate = crate::toolkit::storage, ignore(self), entry = user_entry)]
    fn user(&self, id: Id) -> u64 {
        id.0
    }
}

fn main() {
    assert_eq!((square(2, Id(3)), square::entry(Id(3)).get()), (6, Some(6)));
    assert_eq!((Users.user(Id(3)), Users.user_entry(Id(3)).get()), (3, Some(3)));
    drop(later(Id(3)));
}
