//! Blocks with a cache.

use std::collections::HashMap;

use larder::{Cache, fragment};

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    title: String,
    cache: Cache,
}

/// What went wrong.
#[derive(Clone, Debug)]
pub struct Failure;

impl Page {
    /// Its head.
    #[must_use]
    pub fn head(&self) -> String {
        fragment!(key = "lints.head:<self.title>", timeout = 60, cache = self.cache, tags("lints:<self.title>"), {
            format!("<h1>{}</h1>", self.title)
        })
    }

    /// How often each word is there.
    ///
    /// # Errors
    ///
    /// [`Failure`], if there is no text.
    pub fn words(&self, text: Option<&str>) -> Result<HashMap<String, u32>, Failure> {
        fragment!(key = "lints.words:<text>", cache_err = 5, stale_if_error = 60, -> Result<HashMap<String, u32>, Failure> {
            let mut words = HashMap::new();
            for word in text.ok_or(Failure)?.split(' ') {
                *words.entry(word.to_owned()).or_default() += 1;
            }
            Ok(words)
        })
    }

    /// Its foot, later.
    pub async fn foot(&self, id: u64) -> String {
        let title = self.title.clone();
        let foot = fragment!(
            key = "lints.foot:<title>:<id>",
            stale_while_revalidate = 60,
            store_if = |foot: &String| !foot.is_empty(),
            async move { title }
        );
        foot.await
    }

    /// One number, later.
    ///
    /// # Errors
    ///
    /// None.
    pub async fn number(&self, id: u64) -> Result<u64, Failure> {
        fragment!(key = "lints.number:<id>", unless = id == 0, async -> Result<u64, Failure> { Ok(id) }).await
    }

    /// A copy.
    #[must_use]
    pub fn copy(&self, id: u64) -> u64 {
        fragment!(key = "lints.copy:<id>", { id })
    }
}
