//! Methods of traits: of impls, and those that traits provide.
#![forbid(unsafe_code)]
#![deny(warnings)]

use larder::cached;

trait Users {
    fn user(&self, id: u64) -> u64;

    #[cached(key = "default:<Self>:<id>", ignore(self))]
    fn default_user(&self, id: u64) -> u64 {
        self.user(id)
    }

    #[allow(async_fn_in_trait, reason = "a test")]
    async fn later(&self, id: u64) -> u64;
}

struct Table(u64);

impl Users for Table {
    #[cached(key = "user:<self.0>:<id>")]
    fn user(&self, id: u64) -> u64 {
        self.0 + id
    }

    #[cached(key = "later:<self.0>:<id>")]
    async fn later(&self, id: u64) -> u64 {
        self.0 + id
    }
}

impl<T: Users> Users for Vec<T> {
    #[cached(ignore(self))]
    fn user(&self, id: u64) -> u64 {
        self.iter().map(|users| users.user(id)).sum()
    }

    #[cached(ignore(self))]
    async fn later(&self, id: u64) -> u64 {
        id
    }
}

fn main() {
    assert_eq!((Table(1).user(3), Table(1).default_user(4)), (4, 5));
    assert_eq!(vec![Table(1), Table(2)].user(5), 13);
    drop((Table(1).later(3), vec![Table(1)].later(3)));
}
