//! Whether a value can be written as bytes is never a reason not to compile.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use larder::cached;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Tree {
    children: Vec<Tree>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Named {
    name: &'static str,
}

#[derive(Clone, Serialize)]
struct WrittenOnly;

#[cached]
fn reference(id: u64) -> &'static str {
    if id == 0 { "none" } else { "some" }
}

#[cached]
fn references(id: u64) -> Result<Option<Vec<&'static str>>, Arc<str>> {
    Ok(Some(vec![reference(id)]))
}

#[cached]
fn named(id: u64) -> Named {
    Named { name: reference(id) }
}

#[cached]
fn text(id: u64) -> Cow<'static, str> {
    Cow::Borrowed(reference(id))
}

#[cached]
fn written_only(_id: u64) -> Option<WrittenOnly> {
    Some(WrittenOnly)
}

#[cached]
async fn tree(_id: u64) -> Arc<Tree> {
    Arc::new(Tree { children: Vec::new() })
}

#[cached(batch)]
fn trees(ids: &[u64]) -> Result<HashMap<u64, Tree>, std::io::Error> {
    Ok(ids.iter().map(|id| (*id, Tree { children: Vec::new() })).collect())
}

#[cached]
fn generic<T: Default + Clone + Send + Sync + 'static>(_id: u64) -> T {
    T::default()
}

#[cached]
fn read<T: Default + Serialize + DeserializeOwned + Clone + Send + Sync + 'static>(_id: u64) -> Vec<T> {
    vec![T::default()]
}

fn main() {
    let _names = (reference(1), references(1), named(1).name, text(1), written_only(1).is_some());
    let _trees = (tree(1), trees(&[1]).map(|trees| trees.len()));
    let _values = (generic::<Arc<str>>(1), read::<String>(1));
}
