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

type Running<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;

/// An invalidation that has not begun.
#[doc(hidden)]
#[must_use]
pub struct Ready<'a> {
    run: Running<'a>,
    /// What it makes untrue, as far as that is larder's.
    again: Vec<Again>,
}

impl<'a> Ready<'a> {
    pub(crate) fn new(run: impl Future<Output = Result<(), Error>> + Send + 'a) -> Self {
        Self { run: Box::pin(run), again: Vec::new() }
    }

    pub(crate) fn split(self) -> (Running<'a>, Vec<Again>) {
        (self.run, self.again)
    }
}

impl std::fmt::Debug for Ready<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ready").finish_non_exhaustive()
    }
}

/// Something to be invalidated once more, which is not counted again.
#[derive(Clone, Debug)]
pub(crate) enum Again {
    Entry(Target),
    Group(Group),
    Tag(Tag),
}

impl Again {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self {
            Self::Entry(target) => target.invalidate_again().await,
            Self::Group(group) => group.bump_again().await,
            Self::Tag(tag) => tag.invalidate_again().await,
        }
    }

    fn ready(self, run: impl Future<Output = Result<(), Error>> + Send + 'static) -> Ready<'static> {
        Ready { run: Box::pin(run), again: vec![self] }
    }
}

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
                $run
            }
        }

        impl<$($generics)*> Invalidate for $handle {
            fn apply(self) -> impl Future<Output = Result<(), Error>> + Send {
                self.detach().run
            }
        }

        impl<$($generics)*> Detach for &$handle {
            fn detach($self) -> Ready<'static> {
                $run
            }
        }

        impl<$($generics)*> Invalidate for &$handle {
            fn apply(self) -> impl Future<Output = Result<(), Error>> + Send {
                self.detach().run
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

fn entry(target: Target) -> Ready<'static> {
    let again = Again::Entry(target.clone());
    again.ready(async move { target.invalidate("invalidate").await.map(|_there| ()) })
}

fn group(group: Group) -> Ready<'static> {
    Again::Group(group.clone()).ready(async move { group.bump().await })
}

fn tag(tag: Tag) -> Ready<'static> {
    Again::Tag(tag.clone()).ready(async move { tag.invalidate().await })
}

fn all(list: impl IntoIterator<Item = impl Detach>) -> Ready<'static> {
    let (runs, again): (Vec<_>, Vec<_>) = list.into_iter().map(|each| each.detach().split()).unzip();
    let run = async move { together(runs).await.first() };
    Ready { run: Box::pin(run), again: again.into_iter().flatten().collect() }
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
