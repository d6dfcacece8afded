//! The handle of one entry of an annotated function.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::nanos;
use crate::error::Error;
use crate::hold::Hold;
use crate::life::Life;
use crate::load::{Miss, load, load_blocking};
use crate::memory::Stored;
use crate::outcome::{Outcome, Value};
use crate::tag::TagWriter;
use crate::target::Target;

/// What the attribute says about values, by functions of the value.
pub(crate) struct Rules<V> {
    pub(crate) store_if: Option<fn(&V) -> bool>,
    pub(crate) timeout: Option<fn(&V) -> Duration>,
    pub(crate) cache_none: bool,
    pub(crate) cache_err: bool,
}

impl<V> Default for Rules<V> {
    fn default() -> Self {
        Self { store_if: None, timeout: None, cache_none: false, cache_err: false }
    }
}

impl<V> Clone for Rules<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for Rules<V> {}

impl<V> fmt::Debug for Rules<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules").finish_non_exhaustive()
    }
}

/// A handle that still lacks the body. Generated code makes one.
#[doc(hidden)]
#[derive(Debug)]
#[must_use]
pub struct Unloaded<K: Outcome> {
    target: Target,
    rules: Rules<K::Value>,
}

impl<K: Outcome> Unloaded<K> {
    pub(crate) fn new(target: Target, rules: Rules<K::Value>) -> Self {
        Self { target, rules }
    }

    fn refresh(&self) -> Box<Miss<K::Value>> {
        Box::new(Miss { target: self.target.clone(), rules: self.rules, forced: true, old: None })
    }

    /// The place alone.
    pub(crate) fn into_target(self) -> Target {
        self.target
    }

    /// The tags of what is put there or loaded.
    pub fn tagged(mut self, tags: impl FnOnce(&mut TagWriter)) -> Self {
        self.target.set_tags(tags);
        self
    }

    /// With the future of the body, which runs only on a refresh.
    pub fn entry<F>(self, body: F) -> Entry<K::Output, impl Future<Output = K::Output>>
    where
        F: Future<Output = K::Output>,
    {
        let refresh = load::<K, F>(self.refresh(), || body);
        Entry { values: ByResult(ByValue { handle: self.handle(), output: PhantomData }), refresh }
    }

    /// With the body of an ordinary function.
    pub fn entry_blocking<F>(self, body: F) -> crate::blocking::Entry<K::Output, impl FnOnce() -> K::Output>
    where
        F: FnOnce() -> K::Output,
    {
        let miss = self.refresh();
        let refresh = move || load_blocking::<K>(miss, body);
        crate::blocking::Entry::new(self.handle(), refresh)
    }

    /// Without the body: some of its arguments are not known.
    pub fn bare_entry(self) -> Entry<K::Output> {
        Entry { values: ByResult(ByValue { handle: self.handle(), output: PhantomData }), refresh: () }
    }

    /// That of a handler, which speaks of the response that is stored.
    #[cfg(feature = "http")]
    pub fn page_entry(self) -> Entry<K::Value> {
        Entry { values: ByResult(ByValue { handle: self.handle(), output: PhantomData }), refresh: () }
    }

    /// The same for an ordinary function.
    pub fn bare_entry_blocking(self) -> crate::blocking::Entry<K::Output> {
        crate::blocking::Entry::new(self.handle(), ())
    }

    fn handle(self) -> Handle {
        let rules = self.rules;
        Handle {
            target: self.target,
            timeout: Box::new(move |value| {
                let value = value.downcast_ref::<K::Value>()?;
                rules.timeout.map(|timeout| nanos(timeout(value)))
            }),
        }
    }
}

type TimeoutOf = Box<dyn Fn(&dyn Any) -> Option<u64> + Send + Sync>;

/// What every handle does, whatever its function returns.
pub(crate) struct Handle {
    pub(crate) target: Target,
    /// The timeout that the function chooses for this value.
    timeout: TimeoutOf,
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handle").field(&self.target.key.text).finish()
    }
}

impl Handle {
    pub(crate) async fn get<T: Value>(&self) -> Option<T> {
        let found = self.target.read(|entry| entry.value.downcast_ref::<T>().cloned());
        if found.is_some() {
            return found;
        }
        self.target.peek().await?.value.downcast_ref::<T>().cloned()
    }

    pub(crate) async fn put<T: Value>(&self, value: T) -> Result<(), Error> {
        let mut header = self.target.header(self.target.stamp());
        let timeout = (self.timeout)(&value).unwrap_or_else(|| self.target.timeout());
        if timeout == 0 {
            // Its function would not store it; what is there is not right any more.
            return self.target.invalidate("put").await.map(|_there| ());
        }
        header.set_life(Life::of_load(timeout, &self.target.options, self.target.jitter()));
        let entry: Arc<Stored> = Arc::new(Stored { header, value });
        self.target.put("put", std::any::type_name::<T>(), &entry).await
    }

    pub(crate) async fn invalidate(&self) -> Result<(), Error> {
        self.target.invalidate("invalidate").await.map(|_there| ())
    }

    pub(crate) async fn expire(&self) -> Result<(), Error> {
        self.target.expire().await
    }

    pub(crate) async fn hold(&self, at_most: Duration) -> Result<Hold, Error> {
        // Made first: dropped, because the store does not acknowledge it or the caller goes away, it ends what has perhaps begun.
        let hold = Hold::new(self.target.clone());
        hold.begin(at_most).await?;
        Ok(hold)
    }

    pub(crate) async fn age(&self) -> Option<Duration> {
        let now = self.target.cache.clock().now();
        let age = |entry: &Stored| Duration::from_nanos(now.saturating_sub(entry.header.created));
        let found = self.target.read(|entry| Some(age(entry)));
        if found.is_some() {
            return found;
        }
        self.target.peek().await.as_deref().map(age)
    }
}

/// Waits for an operation as an async method does.
macro_rules! later {
    ($operation:expr) => {
        $operation.await
    };
}

/// The methods of a handle, async or blocking: `$wait!` drives an operation to its end.
macro_rules! handle {
    ([$($async:ident)?] $wait:ident, $group:path, $hold:ident, $refreshed:ident: $load:path => $refresh:expr) => {
        /// The entry of one call of an annotated function: what `f::entry(arguments)` returns.
        ///
        /// `R` is what the function returns. `get` and `put` speak of the value inside: of `T` where the function returns
        /// `T`, `Option<T>`, `Result<T, E>` or `Result<Option<T>, E>`.
        ///
        /// | the function returns | `get` | `put` |
        /// |---|---|---|
        /// | `T`, `Option<T>`, `Result<T, E>`, `Result<Option<T>, E>` | `fn get(&self) -> Option<T>` | `fn put(&self, value: T) -> Result<(), larder::Error>` |
        ///
        /// (In these pages the methods of all but the last stand under the types that `Entry` dereferences to. They are async for
        /// an `async fn`.) A handle that was made without all arguments of its function has no `refresh`: use
        /// `f::refresh(arguments)`.
        ///
        /// A handle is made from the arguments alone: nothing is read before a method is called. Methods may be called
        /// while the function loads the same entry; a load that began before `put`, `invalidate` or `expire` does not store
        /// its result after it.
        #[must_use = "a handle does nothing by itself"]
        pub struct Entry<R, L = ()> {
            values: ByResult<R>,
            refresh: L,
        }

        /// The handle of a function that returns `Result<T, E>` or `Option<T>`.
        #[derive(Debug)]
        pub struct ByResult<R>(ByValue<R>);

        /// The handle of a function that returns a plain value.
        #[derive(Debug)]
        pub struct ByValue<R> {
            handle: Handle,
            output: PhantomData<fn() -> R>,
        }

        impl<R, L: $load> Entry<R, L> {
            /// Runs the body with these arguments and stores its result, whether or not there is a fresh entry. Waits for
            /// no other load; of loads at the same time the one that began last is kept. Dropped before it ends, it stores
            /// nothing.
            pub $($async)? fn refresh(self) -> R {
                let $refreshed = self.refresh;
                $refresh
            }
        }

        impl<R, L> Entry<R, L> {
            /// Removes the entry. When it returns, no call that begins afterwards is answered with a value loaded before.
            ///
            /// # Errors
            ///
            /// When the shared tier did not acknowledge it; the entry is gone from memory all the same. In memory alone it
            /// does not fail.
            pub $($async)? fn invalidate(&self) -> Result<(), Error> {
                $wait!(self.values.0.handle.invalidate())
            }

            /// Ends the freshness of the entry and keeps its value, for the options that answer with old values; the next
            /// call loads.
            ///
            /// # Errors
            ///
            /// As for [`invalidate`](Self::invalidate).
            pub $($async)? fn expire(&self) -> Result<(), Error> {
                $wait!(self.values.0.handle.expire())
            }

            /// Removes the entry, and keeps every process from storing it until [`done`](Hold::done) is called on what this returns, or
            /// the time is over: for writes that no old value may follow, although the writer may die between its write and its
            /// invalidation, or readers may still see the state of before.
            ///
            /// ```
            /// # use std::time::Duration;
            /// # use larder::cached;
            /// # fn write_to_the_database(id: u64, cents: u64) -> Result<(), std::io::Error> { Ok(()) }
            /// #[cached(timeout = 60, key = "held_price:<id>")]
            /// fn price(id: u64) -> u64 { 5 }
            ///
            /// fn change_price(id: u64, cents: u64) -> Result<(), Box<dyn std::error::Error>> {
            ///     let hold = price::entry(id).hold(Duration::from_secs(10))?; // longer than the transaction takes
            ///     write_to_the_database(id, cents)?;
            ///     Ok(hold.done()?)
            /// }
            /// # change_price(1, 6).unwrap();
            /// ```
            ///
            /// In memory alone it invalidates twice. Two holds of one entry are one: the first that is done ends it.
            ///
            /// # Errors
            ///
            /// When the shared tier did not acknowledge it: the entry is not held off, so don't write.
            pub $($async)? fn hold(&self, at_most: Duration) -> Result<$hold, Error> {
                let hold = $wait!(self.values.0.handle.hold(at_most))?;
                Ok(handle!(@hold $hold, hold))
            }

            /// How long ago the entry was stored, be it a value, a `None` or an error; `None` if there is no fresh one.
            pub $($async)? fn age(&self) -> Option<Duration> {
                $wait!(self.values.0.handle.age())
            }

            /// What the entry is about.
            pub(crate) fn target(&self) -> &Target {
                &self.values.0.handle.target
            }

            /// All entries of the function.
            pub fn all(&self) -> $group {
                <$group>::of(&self.values.0.handle.target)
            }

            /// The text under which the entry is kept.
            #[must_use]
            pub fn key(&self) -> &str {
                &self.values.0.handle.target.key.text
            }
        }

        impl<T: Value, E, L> Entry<Result<Option<T>, E>, L> {
            /// The value, if there is a fresh one. Loads nothing and counts nothing.
            pub $($async)? fn get(&self) -> Option<T> {
                $wait!(self.values.0.handle.get())
            }

            /// Stores a value, with the timeout that the function would give it. Loads on their way lose to it.
            ///
            /// # Errors
            ///
            /// When the shared tier did not acknowledge it; in memory alone it does not fail.
            pub $($async)? fn put(&self, value: T) -> Result<(), Error> {
                $wait!(self.values.0.handle.put(value))
            }
        }

        handle!(@values [$($async)?] $wait, [T: Value, E] ByResult<Result<T, E>>, T, self => self.0.handle);
        handle!(@values [$($async)?] $wait, [T: Value] ByResult<Option<T>>, T, self => self.0.handle);
        handle!(@values [$($async)?] $wait, [T: Value] ByValue<T>, T, self => self.handle);

        impl<R, L> Deref for Entry<R, L> {
            type Target = ByResult<R>;

            fn deref(&self) -> &ByResult<R> {
                &self.values
            }
        }

        impl<R> Deref for ByResult<R> {
            type Target = ByValue<R>;

            fn deref(&self) -> &ByValue<R> {
                &self.0
            }
        }

        impl<R, L> fmt::Debug for Entry<R, L> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct("Entry").field("key", &self.key()).finish_non_exhaustive()
            }
        }
    };
    (@hold Hold, $made:expr) => { $made };
    (@hold BlockingHold, $made:expr) => { BlockingHold::new($made) };
    (@values [$($async:ident)?] $wait:ident, [$($generics:tt)*] $type:ty, $value:ty, $self:ident => $handle:expr) => {
        impl<$($generics)*> $type {
            /// The value, if there is a fresh one. Loads nothing and counts nothing.
            pub $($async)? fn get(&$self) -> Option<$value> {
                $wait!($handle.get())
            }

            /// Stores a value, with the timeout that the function would give it. Loads on their way lose to it.
            ///
            /// # Errors
            ///
            /// When the shared tier did not acknowledge it; in memory alone it does not fail.
            pub $($async)? fn put(&$self, value: $value) -> Result<(), Error> {
                $wait!($handle.put(value))
            }
        }
    };
}

pub(crate) use handle;

handle!([async] later, crate::Group, Hold, refresh: Future<Output = R> => refresh.await);
