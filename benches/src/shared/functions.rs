//! The functions that are cached, by larder and by `cached`.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use super::world::{only, url};
use crate::harness::value_of;

/// How often a body ran, whichever.
static LOADS: AtomicU64 = AtomicU64::new(0);

/// About a hundred bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) id: u64,
    name: String,
    mail: String,
    price: f64,
    active: bool,
}

pub(super) fn loads() -> u64 {
    LOADS.load(Ordering::Relaxed)
}

pub(super) fn row_of(id: u64) -> Row {
    let (name, mail) = (format!("customer number {id:06}"), format!("customer.{id:06}@shop.example"));
    Row { id, name, mail, price: 19.75, active: true }
}

async fn load_row(id: u64) -> Row {
    LOADS.fetch_add(1, Ordering::Relaxed);
    row_of(id)
}

async fn load_number(id: u64) -> u64 {
    LOADS.fetch_add(1, Ordering::Relaxed);
    value_of(id)
}

#[larder::cached(timeout = 3600, key = "bench.row:<id>", cache = only())]
pub(super) async fn row(id: u64) -> Row {
    load_row(id).await
}

#[larder::cached(timeout = 3600, key = "bench.number:<id>", cache = only())]
pub(super) async fn number(id: u64) -> u64 {
    load_number(id).await
}

#[larder::cached(batch, timeout = 3600, key = "bench.rows:<ids>", cache = only())]
pub(super) async fn rows(ids: &[u64]) -> HashMap<u64, Row> {
    let mut rows = HashMap::with_capacity(ids.len());
    for id in ids {
        rows.insert(*id, load_row(*id).await);
    }
    rows
}

/// The connection of `cached` lives in the runtime that made it, so that each has functions of its own.
macro_rules! by_cached {
    ($runtime:ident) => {
        pub(super) mod $runtime {
            use cached::macros::concurrent_cached;

            use super::{Row, load_number, load_row, store};

            #[concurrent_cached(
                map_error = "|error| error.to_string()",
                ty = "cached::AsyncRedisCache<u64, Row>",
                create = r#"{ store(concat!(module_path!(), "::row")).await }"#
            )]
            pub(in super::super) async fn row(id: u64) -> Result<Row, String> {
                Ok(load_row(id).await)
            }

            #[concurrent_cached(
                map_error = "|error| error.to_string()",
                ty = "cached::AsyncRedisCache<u64, u64>",
                create = r#"{ store(concat!(module_path!(), "::number")).await }"#
            )]
            pub(in super::super) async fn number(id: u64) -> Result<u64, String> {
                Ok(load_number(id).await)
            }
        }
    };
}

by_cached!(current);
by_cached!(two);

async fn store<V: Send + Serialize + for<'de> Deserialize<'de>>(prefix: &str) -> cached::AsyncRedisCache<u64, V> {
    let builder = cached::AsyncRedisCache::builder(prefix).ttl(std::time::Duration::from_hours(1));
    builder.connection_string(url()).build().await.expect("the server is up")
}
