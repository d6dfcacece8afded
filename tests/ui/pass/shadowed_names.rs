//! The names of the prelude and of the standard crates mean something else here.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs)]
#![allow(dead_code)]

use ::larder::cached;

mod core {}
mod std {}
mod alloc {}
mod larder {}
struct Result;
struct Option;
struct Ok;
struct Err;
struct Some;
struct None;
struct String;
struct Vec;
struct Box;
struct Future;
struct FnOnce;
trait Clone {}
trait Send {}
trait Into {}

#[cached(timeout = 60, key = "square:<x>", cache_none = "1s", ignore(base))]
fn square(base: u64, x: u64) -> ::core::option::Option<u64> {
    ::core::option::Option::Some(base * x)
}

#[cached(timeout = |value| ::core::time::Duration::from_secs(*value), version = code)]
async fn later(x: u64) -> u64 {
    x
}

#[cached(stale_while_revalidate = 5, soft_timeout = 1, early = 0.5, jitter = 0.1, tags("a:<name>"))]
async fn aside(name: &str, x: u64) -> u64 {
    ::core::future::ready(x).await + name.len() as u64
}

#[cached(batch, chunk = 5, stale_while_revalidate = 5, tags("a:<ids>"), unless = ids.is_empty())]
async fn batch(ids: &[u64], name: &str) -> ::std::collections::HashMap<u64, u64> {
    ::core::iter::IntoIterator::into_iter(ids).map(|id| (*id, name.len() as u64)).collect()
}

#[derive(::core::clone::Clone)]
struct Users;

impl Users {
    #[cached(batch, ignore(self))]
    fn rows(&self, ids: ::std::vec::Vec<u64>) -> ::std::collections::HashMap<u64, u64> {
        ids.iter().map(|id| (*id, 3)).collect()
    }

    #[cached(ignore(self), early = 0.5)]
    fn inside(&self, id: u64) -> u64 {
        let _ = self;
        id
    }

    #[cached(ignore(self), entry = user_entry)]
    fn user(&self, id: u64) -> ::core::result::Result<u64, u8> {
        ::core::result::Result::Ok(id)
    }

    #[cached(ignore(self))]
    async fn name(&self, id: u64) -> u64 {
        id
    }
}

fn main() {
    let _ = (square(2, 3), square::entry(3).get(), square::refresh(2, 3));
    drop((later(3), later::entry(3), later::all(), Users.name(3)));
    let _ = (Users.user(3), Users.user_entry(3).get());
}
