//! A cache for one test alone: the default cache of one task, or of one thread.

use std::future::{Future, poll_fn};
use std::pin::pin;

use crate::cache::Cache;
use crate::default::Scope;

/// Runs a future with this cache as the default one, for this task alone: what it spawns, as a task or with
/// `spawn_blocking`, sees the process's default cache unless it enters the scope itself. Tests that use it can run in
/// parallel. Scopes can be nested.
pub async fn scope<F: Future>(cache: &Cache, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        let _scope = Scope::enter(cache);
        future.as_mut().poll(context)
    })
    .await
}

/// Runs a closure with this cache as the default one, for this thread alone.
pub fn scope_blocking<T>(cache: &Cache, run: impl FnOnce() -> T) -> T {
    let _scope = Scope::enter(cache);
    run()
}
