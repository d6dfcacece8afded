//! Blocks with a cache in front of them, in places where they are not alone.

#![forbid(unsafe_code)]
#![deny(warnings)]

use std::collections::HashMap;

use larder::fragment;

type Outcome<T> = std::result::Result<T, String>;

struct Page<T> {
    title: String,
    rows: Vec<T>,
}

impl<T: Clone + ToString> Page<T> {
    fn head(&self) -> String {
        fragment!(key = "head:<Self>:<self.title>", { format!("<h1>{}</h1>", self.title) })
    }

    async fn body(&self, id: usize) -> Outcome<String> {
        fragment!(key = "body:<Self>:<self.title>:<id>", cache_none, async -> Outcome<Option<String>> {
            let row = self.rows.get(id).ok_or("no row")?;
            Ok(Some(row.to_string()))
        })
        .await
        .map(Option::unwrap_or_default)
    }
}

fn counts(names: &[String]) -> HashMap<String, usize> {
    // The type has a comma of its own.
    fragment!(key = "counts:<names>", timeout = "5m", -> HashMap<String, usize> {
        names.iter().map(|name| (name.clone(), name.len())).collect()
    })
}

fn closures(ids: Vec<u32>) -> Vec<String> {
    ids.iter().map(|id| fragment!(key = "row:<id>", { id.to_string() })).collect()
}

fn nested(id: u32) -> String {
    fragment!(key = "outer:<id>", {
        let inner = fragment!(key = "inner:<id>", { id + 1 });
        inner.to_string()
    })
}

/// The future may be sent, and kept for as long as what it owns.
fn sent(name: String) -> impl Future<Output = usize> + Send + 'static {
    fragment!(key = "sent:<name>", timeout = 60, async move { name.len() })
}

mod shadowed {
    #![allow(dead_code, non_upper_case_globals)]

    pub enum Option {}
    pub enum Result {}
    pub mod core {}
    pub mod std {}

    pub fn page(body: u32, found: u32, key: u32) -> u32 {
        ::larder::fragment!(key = "shadowed:<key>:<body>:<found>", { body + found + key })
    }
}

fn main() {
    let page = Page { title: "x".to_owned(), rows: vec![1, 2] };
    assert_eq!(page.head(), "<h1>x</h1>");
    drop(page.body(1));
    assert_eq!(counts(&["a".to_owned()])["a"], 1);
    assert_eq!(closures(vec![1, 2]), ["1", "2"]);
    assert_eq!(nested(1), "2");
    drop(sent("x".to_owned()));
    assert_eq!(shadowed::page(1, 2, 3), 6);
}
