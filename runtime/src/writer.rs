//! What generated code does around the body of a writer: it makes the invalidations ready before the body, and runs them,
//! all together, once the body has succeeded.

use std::any::Any;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_lite::future::block_on;

use crate::cache::NO_FUNCTION;
use crate::default::current;
use crate::detach::{Detach, Ready};
use crate::error::Error;
use crate::invalidate::Invalidate;
use crate::log;
use crate::stats::count;

/// What one writer invalidates.
#[doc(hidden)]
#[derive(Default)]
#[must_use]
pub struct Invalidations<'a>(Vec<Ready<'a>>);

impl<'a> Invalidations<'a> {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn and(mut self, what: Ready<'a>) -> Self {
        self.0.push(what);
        self
    }

    /// Adds one that is made of what the body returned. The body has written by now, so that a panic is kept until all
    /// others have run.
    pub fn and_of<'v, T: ?Sized>(mut self, value: Option<&'v T>, make: impl FnOnce(&'v T) -> Ready<'a>) -> Self {
        if let Some(value) = value {
            let ready = catch_unwind(AssertUnwindSafe(|| make(value)));
            self.0.push(ready.unwrap_or_else(|panic| {
                let go_on = || resume_unwind(panic);
                Ready::new(async move { go_on() })
            }));
        }
        self
    }

    /// Runs all of them; what fails is logged.
    pub async fn run(self, writer: &'static str) {
        let _logged = self.try_run(writer).await;
    }

    /// The same, with the first error in the order of the list.
    ///
    /// # Errors
    ///
    /// Those of the invalidations.
    pub async fn try_run(self, writer: &'static str) -> Result<(), Error> {
        let several = self.0.len() > 1;
        let (runs, again): (Vec<_>, Vec<_>) = self.0.into_iter().map(Ready::split).unzip();
        let mut ends = together(runs).await;
        let again: Vec<_> = again.into_iter().flatten().collect();
        if several || again.len() > 1 {
            // What was loaded between one of them and the next may be made of what the next has made untrue.
            let repeated = together(again.into_iter().map(|again| Box::pin(again.run())).collect()).await;
            if ends.errors.is_empty() {
                ends.errors = repeated.errors;
            }
        }
        ends.errors.iter().for_each(|error| report(Some(writer), error));
        ends.result()
    }

    /// For ordinary functions.
    pub fn run_blocking(self, writer: &'static str) {
        block_on(self.run(writer));
    }

    /// For ordinary functions.
    ///
    /// # Errors
    ///
    /// Those of the invalidations.
    pub fn try_run_blocking(self, writer: &'static str) -> Result<(), Error> {
        block_on(self.try_run(writer))
    }
}

impl fmt::Debug for Invalidations<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Invalidations").field(&self.0.len()).finish()
    }
}

/// One expression of the list.
#[doc(hidden)]
#[derive(Debug)]
#[must_use]
pub struct Step<I>(pub I);

/// Anything may borrow arguments, and then the body can't move them.
#[doc(hidden)]
pub trait AnyStep<I> {
    /// Makes it ready to run.
    fn ready<'a>(self) -> Ready<'a>
    where
        I: Invalidate + 'a;
}

impl<I> AnyStep<I> for Step<I> {
    fn ready<'a>(self) -> Ready<'a>
    where
        I: Invalidate + 'a,
    {
        Ready::new(self.0.apply())
    }
}

/// Entries, groups and tags do not.
impl<I: Detach> Step<I> {
    /// Makes it ready to run.
    pub fn ready<'a>(self) -> Ready<'a> {
        self.0.detach()
    }
}

/// How the body of a writer ended, found by the type of its output.
#[doc(hidden)]
#[derive(Debug)]
pub struct End<'a, T: ?Sized>(pub &'a T);

impl<'a, T, E> End<'a, Result<T, E>> {
    /// Unless it is an `Err`.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.0.is_ok()
    }

    /// What it holds, unless it is an `Err`.
    #[must_use]
    pub fn value(&self) -> Option<&'a T> {
        self.0.as_ref().ok()
    }
}

/// Whatever can't fail.
#[doc(hidden)]
pub trait AnyEnd<'a, T: ?Sized> {
    /// Always.
    fn succeeded(&self) -> bool;

    /// The output itself.
    fn value(&self) -> Option<&'a T>;
}

impl<'a, T: ?Sized> AnyEnd<'a, T> for End<'a, T> {
    fn succeeded(&self) -> bool {
        true
    }

    fn value(&self) -> Option<&'a T> {
        Some(self.0)
    }
}

/// Nothing implements it: for outputs of which a writer can't know whether they succeeded.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`#[invalidates]` on a function that returns a future",
    label = "this has done nothing yet when the invalidations would run",
    note = "write `async fn`; under `#[async_trait]`, put `#[invalidates]` on an inherent `async fn` that the method calls"
)]
pub trait HasEnded {}

impl<T> End<'_, Pin<Box<dyn Future<Output = T> + Send + '_>>> {
    /// Nobody knows.
    #[must_use]
    pub fn succeeded(&self) -> bool
    where
        Self: HasEnded,
    {
        true
    }
}

impl<T> End<'_, Pin<Box<dyn Future<Output = T> + '_>>> {
    /// Nobody knows.
    #[must_use]
    pub fn succeeded(&self) -> bool
    where
        Self: HasEnded,
    {
        true
    }
}

/// What a function with `on_error = return` must return.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`on_error = return` needs a function that returns a `Result`",
    label = "this can't hold the error of an invalidation",
    note = "remove `on_error`: errors are logged and counted then"
)]
pub trait Fails {
    /// The output of a function whose invalidations failed.
    fn failed(error: Error) -> Self;
}

impl<T, E: From<Error>> Fails for Result<T, E> {
    fn failed(error: Error) -> Self {
        Err(error.into())
    }
}

/// What is returned instead of an output whose invalidations failed.
#[doc(hidden)]
pub fn failed<R: Fails>(output: R, error: Error) -> R {
    drop(output);
    R::failed(error)
}

/// The same, of a handler: its output becomes a response before it is known whether an invalidation has failed.
#[doc(hidden)]
pub fn failing<R: Fails>(_output: &R) -> fn(Error) -> R {
    R::failed
}

/// Runs the body of a writer: its `return` and `?` end it, and not the writer.
#[doc(hidden)]
#[inline]
pub fn body<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// Counts an error, and says it.
fn report(writer: Option<&str>, error: &Error) {
    count(&current().counters(NO_FUNCTION).invalidation_errors);
    let mut text = writer.map_or_else(String::new, |writer| format!("after `{writer}`: "));
    text.push_str(&error.to_string());
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    log::warning(&text);
}

/// How invalidations that ran together ended.
#[derive(Default)]
pub(crate) struct Ends {
    pub(crate) errors: Vec<Error>,
    pub(crate) panic: Option<Box<dyn Any + Send>>,
}

impl Ends {
    fn result(self) -> Result<(), Error> {
        if let Some(panic) = self.panic {
            resume_unwind(panic);
        }
        self.errors.into_iter().next().map_or(Ok(()), Err)
    }

    /// The first error. There is no room for further ones, so that they are logged.
    pub(crate) fn first(self) -> Result<(), Error> {
        self.errors.iter().skip(1).for_each(|error| report(None, error));
        self.result()
    }
}

/// Polls all of them before it waits for any, so that each acts even if the caller goes away then. A panic goes on when all
/// have ended.
pub(crate) async fn together<F>(futures: Vec<F>) -> Ends
where
    F: Future<Output = Result<(), Error>> + Unpin,
{
    let mut runs: Vec<_> = futures.into_iter().map(Run::new).collect();
    poll_fn(|context| {
        let running = runs.iter_mut().filter_map(|run| (!run.poll(context)).then_some(())).count();
        if running > 0 { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    // In the order of the list, whatever ended first.
    let mut ends = Ends::default();
    for run in runs {
        run.end(&mut ends);
    }
    ends
}

/// One invalidation that runs with others.
pub(crate) struct Run<F> {
    running: Option<F>,
    ended: Result<(), Error>,
    panic: Option<Box<dyn Any + Send>>,
}

impl<F: Future<Output = Result<(), Error>> + Unpin> Run<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { running: Some(future), ended: Ok(()), panic: None }
    }

    /// Goes on; true when it has ended.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> bool {
        let Some(future) = &mut self.running else { return true };
        match poll(future, context) {
            Ok(Poll::Pending) => return false,
            Ok(Poll::Ready(ended)) => self.ended = ended,
            Err(panic) => self.panic = Some(panic),
        }
        self.running = None;
        true
    }

    pub(crate) fn end(self, ends: &mut Ends) {
        ends.errors.extend(self.ended.err());
        ends.panic = self.panic.or(ends.panic.take());
    }
}

/// An error if it panics.
fn poll<F: Future + Unpin>(future: &mut F, context: &mut Context<'_>) -> Result<Poll<F::Output>, Box<dyn Any + Send>> {
    catch_unwind(AssertUnwindSafe(|| Pin::new(future).poll(context)))
}
