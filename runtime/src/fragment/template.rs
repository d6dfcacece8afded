//! A fragment of a template, by its name and what it varies by, whatever engine renders it.

use std::time::Duration;

use crate::cache::Cache;
use crate::call::{Lookup, call_of};
use crate::clock::nanos;
use crate::error::Error;
use crate::fragment::in_place::load_in_place;
use crate::fragment::part::Vary;
use crate::key::{KeyWriter, escape};
use crate::kind::Fallible;
use crate::site::Site;
use crate::target::Target;

/// With what every key begins.
const HEAD: &str = "fragment:";

/// What a call needs of a function. It is not one of the program's: fragments are entries that no function makes, as those set by hand, and
/// their keys are rendered whole.
static SITE: Site = Site::new("fragment", || "larder::fragment", file!(), line!()).key("", &[]);

/// What rendering comes to: text, or the engine's error.
#[cfg(feature = "shared")]
type Rendered<E> = crate::wired::Wired<Fallible<String, E>>;
#[cfg(not(feature = "shared"))]
type Rendered<E> = Fallible<String, E>;

/// A fragment of a template: its name, and what it varies by. Every engine makes the same key of these, so one handle is about
/// the fragment wherever it is rendered.
///
/// ```
/// # futures_lite::future::block_on(async {
/// use larder::fragment::Fragment;
///
/// let cache = larder::Cache::builder().build().await?;
/// let side = Fragment::new("side").with(42);
/// assert_eq!(side.key(), "fragment:side:42");
/// side.invalidate(&cache).await?; // the same as `cache.delete("fragment:side:42")`
/// # Ok::<(), larder::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a handle does nothing by itself"]
pub struct Fragment {
    key: String,
    tags: Vec<String>,
    format: String,
}

impl Fragment {
    /// The fragment of this name, rendered for HTML. The text may be any.
    pub fn new(name: &str) -> Self {
        Self { key: format!("{HEAD}{}", escape(name)), tags: Vec::new(), format: "html".to_owned() }
    }

    /// It varies by this, too.
    pub fn with(mut self, part: impl Vary) -> Self {
        self.key.push(':');
        self.key.push_str(part.part().text());
        self
    }

    /// The tags that it is stored with: their text, as it is.
    pub fn tagged(mut self, tags: impl IntoIterator<Item: AsRef<str>>) -> Self {
        self.tags.extend(tags.into_iter().map(|tag| tag.as_ref().to_owned()));
        self
    }

    /// Rendered by a template that is not escaped for HTML. The key is the same, but neither answers the other: the one that was
    /// rendered last is there.
    pub fn plain(self) -> Self {
        self.escaped_as("none")
    }

    /// Rendered with the text of variables escaped in this way.
    pub(crate) fn escaped_as(mut self, format: &str) -> Self {
        format.clone_into(&mut self.format);
        self
    }

    /// The text of its key, for [`Cache::delete`] and its kin: `fragment:side:42`.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Removes it, however it was escaped. When this returns, no rendering that begins afterwards is answered with what was rendered before.
    ///
    /// # Errors
    ///
    /// When the shared tier did not acknowledge it; it is gone from memory all the same.
    pub async fn invalidate(&self, cache: &Cache) -> Result<(), Error> {
        cache.delete(&self.key).await.map(|_there| ())
    }

    /// The text in memory, or else that of the body, which is kept for this long: for engines that larder does not know. Waits for no
    /// store: what others have rendered is found by [`prefetch`](super::prefetch::prefetch).
    ///
    /// # Errors
    ///
    /// Those of the body; nothing is kept then.
    pub fn render<E>(
        &self,
        cache: &Cache,
        timeout: Duration,
        body: impl FnOnce() -> Result<String, E>,
    ) -> Result<String, E> {
        let found = call_of::<Rendered<E>>(&SITE).lookup(cache, |key| self.write(key));
        let found = found.tagged(|tags| self.tags.iter().for_each(|tag| tags.add(|key| key.text(tag))));
        match found {
            Lookup::Found(output) => output,
            Lookup::IfFound(_) | Lookup::Bypass => body(),
            Lookup::Missing(mut miss) => {
                miss.target.options.own_timeouts = true;
                miss.target.options.timeout = Some(nanos(timeout));
                load_in_place::<Rendered<E>>(miss, body)
            }
        }
    }

    fn write(&self, key: &mut KeyWriter<'_>) {
        key.text(&self.key);
        // Text that was escaped in another way is another revision of the entry, so that it is not the answer.
        key.revision(self.format.as_str());
    }

    /// Its place in a cache.
    pub(crate) fn target(&self, cache: &Cache) -> Target {
        let unloaded = call_of::<Rendered<()>>(&SITE).target(cache, |key| self.write(key));
        let mut target =
            unloaded.tagged(|tags| self.tags.iter().for_each(|tag| tags.add(|key| key.text(tag)))).into_target();
        target.options.own_timeouts = true;
        target
    }

    /// Whether an entry is text, as rendered.
    pub(crate) fn fits(entry: &crate::memory::Stored) -> bool {
        crate::outcome::fits::<Rendered<()>>(entry)
    }
}
