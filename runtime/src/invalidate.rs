//! What can be invalidated.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use crate::error::Error;
use crate::writer::{Ends, Run, together};

/// What can stand in [`#[invalidates(..)]`](macro@crate::invalidates): entries, groups and tags, options, lists and tuples
/// of them, and types of your own.
///
/// ```
/// use larder::cached;
///
/// #[cached(timeout = 60, key = "user:<id>")]
/// async fn user(id: u64) -> String { format!("user {id}") }
///
/// struct Renamed { id: u64, team: u64 }
///
/// impl larder::Invalidate for Renamed {
///     async fn apply(self) -> Result<(), larder::Error> {
///         user::entry(self.id).invalidate().await?;
///         larder::tag!("team:<self.team>").invalidate().await
///     }
/// }
///
/// #[larder::invalidates(Renamed { id, team })]
/// async fn rename(id: u64, team: u64, name: &str) {}
/// ```
///
/// An error of something else is made by [`Error::other`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be invalidated",
    label = "not an entry, a group or a tag",
    note = "write an entry (`get_user::entry(id)`), all entries of a function (`list_users::all()`), or a tag (`larder::tag!(\"team:<team_id>\")`)",
    note = "a cached method has an entry function once it names one: `#[cached(entry = user_entry)]`, and then `self.user_entry(id)` is an entry",
    note = "a type of your own may implement `larder::Invalidate`"
)]
pub trait Invalidate {
    /// Invalidates it. The future does nothing before it is polled; what it can do without waiting it does when it is
    /// polled first.
    ///
    /// # Errors
    ///
    /// When what had to be told of it (the shared tier, or something of your own) did not acknowledge it.
    fn apply(self) -> impl Future<Output = Result<(), Error>> + Send;
}

impl<I: Invalidate> Invalidate for Option<I> {
    fn apply(self) -> impl Future<Output = Result<(), Error>> + Send {
        let future = self.map(I::apply);
        async move {
            match future {
                Some(future) => future.await,
                None => Ok(()),
            }
        }
    }
}

/// All of them are invalidated, also if one fails; the first error is the result, further ones are logged.
impl<I: Invalidate> Invalidate for Vec<I> {
    fn apply(self) -> impl Future<Output = Result<(), Error>> + Send {
        let futures = self.into_iter().map(|each| Box::pin(each.apply())).collect();
        async move { together(futures).await.first() }
    }
}

/// As for `Vec`.
impl<I: Invalidate, const N: usize> Invalidate for [I; N] {
    fn apply(self) -> impl Future<Output = Result<(), Error>> + Send {
        let futures = self.into_iter().map(|each| Box::pin(each.apply())).collect();
        async move { together(futures).await.first() }
    }
}

macro_rules! tuples {
    ($first:ident $($rest:ident)*) => {
        /// As for `Vec`.
        impl<$first: Invalidate, $($rest: Invalidate),*> Invalidate for ($first, $($rest,)*) {
            fn apply(self) -> impl Future<Output = Result<(), Error>> + Send {
                #[expect(non_snake_case, reason = "a type and its value have one name")]
                let ($first, $($rest,)*) = self;
                tuples!(@both $first $($rest)*)
            }
        }
        tuples!($($rest)*);
    };
    () => {};
    (@both $last:ident) => { $last.apply() };
    (@both $first:ident $($rest:ident)+) => { both($first.apply(), tuples!(@both $($rest)+)) };
}

tuples!(A B C D E F G H);

/// Both, also if one fails or panics.
async fn both(
    left: impl Future<Output = Result<(), Error>>,
    right: impl Future<Output = Result<(), Error>>,
) -> Result<(), Error> {
    let (left, right) = (pin!(left), pin!(right));
    let (mut left, mut right) = (Run::new(left), Run::new(right));
    poll_fn(|context| {
        // Each of them, whatever the other comes to.
        let ended = [left.poll(context), right.poll(context)];
        if ended == [true, true] { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    let mut ends = Ends::default();
    left.end(&mut ends);
    right.end(&mut ends);
    ends.first()
}
