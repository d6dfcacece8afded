//! What a handler's response means to the cache.

use std::marker::PhantomData;

use super::not_stored::NotStored;
use super::page::Page;
use crate::outcome::{CanFail, Origin, Outcome, OwnTags, Seen};
use crate::wired::Wire;

/// The response of one call, which is of the framework's type `R` if it is not stored.
#[doc(hidden)]
#[derive(Debug)]
pub enum Answer<R> {
    /// It can be stored, or was.
    Page(Page, Origin),
    /// It is passed on as it is.
    Live(R, Option<NotStored>),
    /// It is an error, for which an old page may stand in, and its status if it has one.
    Failed(R, Option<u16>),
}

impl<R> Answer<R> {
    /// What is not stored now that its body was read.
    pub(crate) fn unkept(response: R, reason: NotStored) -> Self {
        match reason {
            // Nothing of it was sent yet, and it is no better than an error.
            NotStored::Incomplete => Self::Failed(response, None),
            reason => Self::Live(response, Some(reason)),
        }
    }
}

/// The kind of a function that returns an [`Answer`].
#[doc(hidden)]
#[derive(Debug)]
pub struct Handler<R>(PhantomData<fn() -> R>);

/// The kind of a handler whose framework has responses of this type.
#[doc(hidden)]
#[must_use]
pub(crate) const fn handler<R>() -> Handler<R> {
    Handler(PhantomData)
}

/// How a page leaves the process; nothing without a shared tier.
#[doc(hidden)]
#[must_use]
pub fn wire() -> Option<&'static Wire> {
    #[cfg(feature = "shared")]
    let wire = Some(crate::shared::wire::WireOf::<Page>::WIRE);
    #[cfg(not(feature = "shared"))]
    let wire = None;
    wire
}

impl<R> Outcome for Handler<R> {
    type Output = Answer<R>;
    type Value = Page;
    type Kind = Self;

    const PASSES: bool = true;

    fn is_gone(output: &Answer<R>) -> bool {
        // A response for one user says nothing of the page for all.
        !matches!(output, Answer::Live(_, Some(NotStored::Authorization)))
    }

    fn seen(output: &Answer<R>) -> Seen<'_, Page> {
        match output {
            Answer::Page(page, _) => Seen::Value(page),
            Answer::Live(..) => Seen::Nothing,
            Answer::Failed(..) => Seen::Failed,
        }
    }

    #[inline]
    fn from_value(page: Page) -> Answer<R> {
        Answer::Page(page, Origin::Stored)
    }

    fn came(output: Answer<R>, origin: Origin) -> Answer<R> {
        match output {
            Answer::Page(page, _) => Answer::Page(page, origin),
            output => output,
        }
    }

    fn instead(output: Answer<R>, failed: &Answer<R>) -> Answer<R> {
        let status = match failed {
            Answer::Failed(_, status) => *status,
            Answer::Page(..) | Answer::Live(..) => None,
        };
        Self::came(output, Origin::Instead(status))
    }

    fn lifetime(page: &Page, usual: u64) -> u64 {
        page.lifetime(usual)
    }

    fn own_tags(page: &Page) -> Option<&OwnTags> {
        page.parts().tags.as_ref()
    }

    fn wire() -> Option<&'static Wire> {
        wire()
    }
}

impl<R> CanFail for Handler<R> {}
