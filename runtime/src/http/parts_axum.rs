//! What axum's extractors are to a key: a part with the value in them, neutral, or nothing of both.

use axum::Extension;
use axum::extract::{MatchedPath, OriginalUri, Path, Query, RawQuery, State};
use http::{Method, Uri};

use crate::key::KeyWriter;
use crate::part::{KeyNeutral, KeyPart};

/// The program's state is the same for every request.
impl<T> KeyNeutral for State<T> {}

macro_rules! wrapped {
    ($($(#[$attribute:meta])* $wrapper:ident),*) => {$(
        $(#[$attribute])*
        impl<T: KeyPart> KeyPart for $wrapper<T> {
            fn render(&self, key: &mut KeyWriter<'_>) {
                key.part(&self.0);
            }
        }
    )*};
}

wrapped! {
    /// By the value, so that every spelling of it is one key.
    Path,
    /// By the fields that are extracted: parameters that nobody reads make no keys.
    Query,
    /// By the value: what a middleware puts there has to say that it can be a part.
    Extension
}

macro_rules! by_text {
    ($($type:ty, $this:ident => $text:expr);* $(;)?) => {$(
        impl KeyPart for $type {
            fn render(&self, key: &mut KeyWriter<'_>) {
                let $this = self;
                key.string($text);
            }
        }
    )*};
}

by_text! {
    Method, this => this.as_str();
    Uri, this => &this.to_string();
    MatchedPath, this => this.as_str();
}

impl KeyPart for OriginalUri {
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.part(&self.0);
    }
}

impl KeyPart for RawQuery {
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.part(&self.0);
    }
}
