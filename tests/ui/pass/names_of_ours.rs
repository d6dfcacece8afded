//! Arguments and functions called what the generated code calls its own.
#![forbid(unsafe_code)]
#![deny(warnings)]

use larder::cached;

#[cached(timeout = 60, key = "all:<key>:<cache>:<result>:<call>:<site>:<load>:<target>:<value>")]
fn ours(key: u8, cache: u8, result: u8, call: u8, site: u8, load: u8, target: u8, value: u8) -> u8 {
    key + cache + result + call + site + load + target + value
}

#[cached]
async fn later(key: u8, cache: u8, result: u8, call: u8, site: u8, load: u8, target: u8, value: u8) -> u8 {
    key + cache + result + call + site + load + target + value
}

#[cached(ignore(cache), cache = cache, unless = *key == 0, revision = site)]
fn expressions(cache: &larder::Cache, key: &u64, site: u64) -> u64 {
    *key
}

#[cached(ignore(__arg0))]
fn patterns((key, __arg1): (u8, u8), __arg0: u8) -> u8 {
    key + __arg0 + __arg1
}

#[cached(stale_while_revalidate = 5, tags("<tags>:<key>"), ignore(own))]
async fn aside(this: &str, key: u8, tags: u8, keep: u8, own: &u8, ids: u8, args: u8, name: u8) -> u8 {
    std::future::ready(key + tags + keep + own + ids + args + name).await + this.len() as u8
}

#[cached(batch, tags("<key>:<tags>:<this>"), stale_while_revalidate = 5)]
fn one(key: &[u8], tags: u8, this: u8, ids: &str) -> std::collections::HashMap<u8, u8> {
    key.iter().map(|key| (*key, tags + this + ids.len() as u8)).collect()
}

#[cached]
fn entry(entry: u64) -> u64 {
    entry
}

#[cached]
fn uncached(all: u64) -> u64 {
    all
}

#[derive(Clone)]
struct Caches;

impl Caches {
    #[cached(ignore(self), stale_while_revalidate = 5, entry = aside_entry)]
    fn aside(&self, this: &str, this_: u8, value: u8) -> usize {
        this.len() + usize::from(this_ + value)
    }

    #[cached(ignore(self), stale_while_revalidate = 5)]
    async fn inside(&self, this: &str, this_: u8, value: u8, key: Option<u8>) -> usize {
        let value = std::future::ready(value).await;
        let _: &Self = self;
        this.len() + usize::from(this_ + value + key.unwrap_or(0))
    }

    #[cached(ignore(self), entry = target)]
    fn entry(&self, key: u8, site: u8) -> u8 {
        key + site
    }
}

fn main() {
    assert_eq!(ours(1, 2, 3, 4, 5, 6, 7, 8), 36);
    drop(later(1, 2, 3, 4, 5, 6, 7, 8));
    assert_eq!(expressions(&larder::cache(), &3, 1), 3);
    assert_eq!(expressions::entry(&larder::cache(), &3, 1).get(), Some(3));
    assert_eq!((patterns((1, 2), 3), entry(1), uncached(2)), (6, 1, 2));
    assert_eq!((entry::entry(1).get(), uncached::uncached(2)), (Some(1), 2));
    drop((aside("a", 1, 2, 3, &4, 5, 6, 7), aside::entry("a", 1, 2, 3, 5, 6, 7), Caches.inside("a", 1, 2, Some(3))));
    assert_eq!((one(&[1], 2, 3, "a").len(), one::one(1, 2, 3, "a"), one::entry(1, 2, 3, "a").get()), (1, Some(6), Some(6)));
    assert_eq!((Caches.aside("a", 1, 2), Caches.aside_entry("a", 1, 2).get()), (4, Some(4)));
    assert_eq!((Caches.entry(1, 2), Caches.target(1, 2).get()), (3, Some(3)));
}
