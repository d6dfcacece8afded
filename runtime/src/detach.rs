//! Invalidations that borrow nothing: a handle may borrow arguments of a writer for the body that it could run, but what
//! invalidates it does not, so that the writer's own body may move them.

use std::future::Future;
use std::pin::Pin;

use crate::blocking;
use crate::entry::Entry;
use crate::error::Error;
use crate::group::Group;
use crate::invalidate::Invalidate;
use crate::tagged::Tag;
use crate::target::Target;
use crate::writer::together;

/// An invalidation that has not begun.
pub(crate) type Ready<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;

/// Whatever of [`Invalidate`] need not borrow.
#[doc(hidden)]
pub trait Detach {
    /// What is left of it.
    fn detach(self) -> Ready<'static>;
}

macro_rules! handles {
    ($([$($generics:tt)*] $handle:ty, $self:ident => $run:expr;)*) => {$(
        impl<$($generics)*> Detach for $handle {
            fn detach($self) -> Ready<'static> {
                Box::pin($run)
            }
        }

        impl<$($generics)*> Invalidate for $handle {
            fn apply(self) -> impl Future<Output = Result<(), Error>> + Send {
                self.detach()
            }
        }

        impl<$($generics)*> Detach for &$handle {
            fn detach($self) -> Ready<'static> {
                Box::pin($run)
            }
        }

        impl<$($generics)*> Invalidate for &$handle {
            fn apply(self) -> impl Future<Output = Result<(), Error>> + Send {
                self.detach()
            }
        }
    )*};
}

handles! {
    [R, L] Entry<R, L>, self => entry(self.target().clone());
    [R, L] blocking::Entry<R, L>, self => entry(self.target().clone());
    [] Group, self => group(self.clone());
    [] blocking::Group, self => group(self.group().clone());
    [] Tag, self => tag(self.clone());
    [] blocking::Tag, self => tag(self.tag().clone());
}

async fn entry(target: Target) -> Result<(), Error> {
    target.invalidate("invalidate").await.map(|_there| ())
}

async fn group(group: Group) -> Result<(), Error> {
    group.bump().await
}

async fn tag(tag: Tag) -> Result<(), Error> {
    tag.invalidate().await
}

fn all(list: impl IntoIterator<Item = impl Detach>) -> Ready<'static> {
    let list = list.into_iter().map(Detach::detach).collect();
    Box::pin(async move { together(list).await.first() })
}

impl<O: Detach> Detach for Option<O> {
    fn detach(self) -> Ready<'static> {
        all(self)
    }
}

impl<O: Detach> Detach for Vec<O> {
    fn detach(self) -> Ready<'static> {
        all(self)
    }
}

impl<O: Detach, const N: usize> Detach for [O; N] {
    fn detach(self) -> Ready<'static> {
        all(self)
    }
}

impl Detach for Ready<'static> {
    fn detach(self) -> Ready<'static> {
        self
    }
}

macro_rules! tuples {
    ($first:ident $($rest:ident)*) => {
        impl<$first: Detach, $($rest: Detach),*> Detach for ($first, $($rest,)*) {
            fn detach(self) -> Ready<'static> {
                #[expect(non_snake_case, reason = "a type and its value have one name")]
                let ($first, $($rest,)*) = self;
                all([$first.detach(), $($rest.detach()),*])
            }
        }
        tuples!($($rest)*);
    };
    () => {};
}

tuples!(A B C D E F G H);
