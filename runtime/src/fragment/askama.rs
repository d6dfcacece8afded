//! Fragments in templates of askama: `{% filter cached("side", 60, user.id) %}..{% endfilter %}`.
//!
//! askama looks for filters in a module of that name beside the template's struct:
//!
//! ```
//! use askama::Template;
//!
//! mod filters {
//!     pub use larder::fragment::askama::cached;
//! }
//!
//! #[derive(Template)]
//! #[template(
//!     source = r#"{% filter cached("side", 60, user) %}<aside>{{ user }}</aside>{% endfilter %}"#,
//!     ext = "html"
//! )]
//! struct Page<'a> {
//!     user: &'a str,
//! }
//!
//! assert_eq!(Page { user: "Ann" }.render()?, "<aside>Ann</aside>"); // rendered
//! assert_eq!(Page { user: "Ann" }.render()?, "<aside>Ann</aside>"); // from the cache
//! # Ok::<(), askama::Error>(())
//! ```
//!
//! The arguments are the name of the fragment; how long it is fresh, in seconds; and up to eight values that the body depends on, each
//! of which is a [`Vary`]. `tags = ["nav"]` are tags, their text as it is; `cache = self.cache` names a cache (left out: the process's
//! [default](crate::cache)). The body is rendered on a miss alone, by one of those who render the same at the same time, and nothing is kept
//! of it if it fails.
//!
//! askama does not tell a filter how its template is escaped. So there are two, whose results never answer each other: `cached` in
//! templates for HTML, and [`cached_text`] in all others. With the wrong one a fragment that both use is not as safe as its page.

use std::fmt::{self, Display, Write as _};
use std::time::Duration;

use ::askama::filters::{HtmlSafe, Safe, ValidArgIdx, ValidFilterInvocation};
use ::askama::{Result, Values};

use crate::cache::Cache;
use crate::fragment::{Fragment, Part, Vary};

/// Is given.
#[derive(Clone, Debug)]
#[doc(hidden)]
pub struct Given<T>(T);

/// What a body was rendered to. One that fails does so again when it is displayed, where askama finds out why.
#[derive(Clone, Debug)]
#[doc(hidden)]
pub struct Text(Option<String>);

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_deref().map_or(Err(fmt::Error), |text| f.write_str(text))
    }
}

impl HtmlSafe for Text {}

/// The arguments, as askama collects them.
#[derive(Clone, Debug, Default)]
struct Arguments {
    parts: Vec<Part>,
    tags: Vec<String>,
    cache: Option<Cache>,
}

impl Arguments {
    fn render(self, fragment: Fragment, seconds: f64, body: impl Display) -> Result<Text> {
        let timeout = Duration::try_from_secs_f64(seconds).ok().filter(|timeout| !timeout.is_zero());
        let Some(timeout) = timeout else {
            let problem = format!("`cached`: the timeout is a number of seconds above 0, and not {seconds}");
            return Err(::askama::Error::custom(problem));
        };
        let fragment = self.parts.into_iter().fold(fragment, Fragment::with).tagged(self.tags);
        let cache = self.cache.unwrap_or_else(|| Cache::clone(&crate::default::current()));
        let rendered = fragment.render(&cache, timeout, || {
            let mut text = String::new();
            write!(text, "{body}").map(|()| text)
        });
        Ok(Text(rendered.ok()))
    }
}

/// How long something is fresh, in seconds.
#[doc(hidden)]
pub trait Seconds {
    fn seconds(self) -> f64;
}

macro_rules! seconds {
    ($($type:ty)*) => {$(
        impl Seconds for $type {
            fn seconds(self) -> f64 {
                self.into()
            }
        }

        impl Seconds for &$type {
            fn seconds(self) -> f64 {
                (*self).into()
            }
        }
    )*};
}

seconds!(i32 u32 u16 u8 f32 f64);

macro_rules! filter {
    ($(#[$doc:meta])* $name:ident, $fragment:expr, $out:ty, $wrap:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        #[expect(non_camel_case_types, reason = "askama calls it as the template does")]
        pub struct $name<N = (), T = ()> {
            name: N,
            timeout: T,
            rest: Arguments,
        }

        impl<T> $name<(), T> {
            #[doc(hidden)]
            pub fn with_0(self, name: impl AsRef<str>) -> $name<Given<String>, T> {
                $name { name: Given(name.as_ref().to_owned()), timeout: self.timeout, rest: self.rest }
            }
        }

        impl<N> $name<N, ()> {
            #[doc(hidden)]
            pub fn with_1(self, timeout: impl Seconds) -> $name<N, Given<f64>> {
                $name { name: self.name, timeout: Given(timeout.seconds()), rest: self.rest }
            }
        }

        filter!(@parts $name with_2 with_3 with_4 with_5 with_6 with_7 with_8 with_9);
        filter!(@places $name 0 1 2 3 4 5 6 7 8 9);

        impl<N, T> $name<N, T> {
            #[doc(hidden)]
            #[must_use]
            pub fn with_tags(mut self, tags: impl IntoIterator<Item: AsRef<str>>) -> Self {
                self.rest.tags.extend(tags.into_iter().map(|tag| tag.as_ref().to_owned()));
                self
            }

            #[doc(hidden)]
            #[must_use]
            pub fn with_cache(mut self, cache: &Cache) -> Self {
                self.rest.cache = Some(cache.clone());
                self
            }
        }

        impl ValidFilterInvocation for $name<Given<String>, Given<f64>> {}

        impl $name<Given<String>, Given<f64>> {
            #[doc(hidden)]
            pub fn execute(self, body: impl Display, _values: &dyn Values) -> Result<$out> {
                let fragment: fn(&str) -> Fragment = $fragment;
                self.rest.render(fragment(&self.name.0), self.timeout.0, body).map($wrap)
            }
        }
    };
    (@parts $name:ident $($with:ident)*) => {
        impl<N, T> $name<N, T> {$(
            #[doc(hidden)]
            #[must_use]
            pub fn $with(mut self, part: impl Vary) -> Self {
                self.rest.parts.push(part.part());
                self
            }
        )*}
    };
    (@places $name:ident $($place:literal)*) => {$(
        impl ValidArgIdx<$place> for $name {}
    )*};
}

filter!(
    /// The filter of templates for HTML. Its arguments are in [the module's documentation](self).
    cached, Fragment::new, Text, |text| text
);

filter!(
    /// The filter of templates that are not for HTML.
    cached_text, |name| Fragment::new(name).plain(), Safe<Text>, Safe
);
