//! All the ways to make a value untrue, and the two kinds of functions whose values they are about.

use std::thread::JoinHandle;

use futures_lite::future::block_on;
use larder::testing::{scope, scope_blocking};
use larder::{Cache, Error, invalidates};

use crate::source::{Source, number, number_now};
use crate::support::{Call, Gate, at_once, secs};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Invalidate,
    Expire,
    Put,
    Set,
    SetMany,
    Delete,
    DeleteMany,
    Bump,
    /// A tag of this entry alone.
    Tag,
    /// A tag of every entry.
    CommonTag,
    Clear,
    Writer,
}

impl How {
    pub(crate) const ALL: [Self; 12] = [
        Self::Invalidate,
        Self::Expire,
        Self::Put,
        Self::Set,
        Self::SetMany,
        Self::Delete,
        Self::DeleteMany,
        Self::Bump,
        Self::Tag,
        Self::CommonTag,
        Self::Clear,
        Self::Writer,
    ];

    /// Does it store the value that the source has?
    pub(crate) fn stores(self) -> bool {
        matches!(self, Self::Put | Self::Set | Self::SetMany)
    }

    /// Is it about generations, and not about the one key?
    pub(crate) fn is_wide(self) -> bool {
        matches!(self, Self::Bump | Self::Tag | Self::CommonTag | Self::Clear)
    }
}

/// The async function or the ordinary one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Async,
    Ordinary,
}

#[invalidates(number::entry(id, source))]
async fn write(id: u32, source: &Source) {}

#[invalidates(number_now::entry(id, source))]
fn write_now(id: u32, source: &Source) {}

impl Kind {
    pub(crate) const BOTH: [Self; 2] = [Self::Async, Self::Ordinary];

    /// Calls the function in this process; nothing holds it up.
    pub(crate) fn call(self, cache: &Cache, id: u32, source: &Source) -> u32 {
        match self {
            Self::Async => at_once(scope(cache, number(id, source))),
            Self::Ordinary => scope_blocking(cache, || number_now(id, source)),
        }
    }

    pub(crate) fn key(self, id: u32) -> String {
        match self {
            Self::Async => format!("source.number:{id}"),
            Self::Ordinary => format!("source.number_now:{id}"),
        }
    }

    /// Where the store has the value.
    pub(crate) fn place(self, id: u32) -> String {
        format!("larder:v0:{{{}}}", self.key(id))
    }

    /// Makes the value of this id untrue everywhere, or says why not.
    pub(crate) fn try_make(self, how: How, cache: &Cache, id: u32, source: &Source) -> Result<(), Error> {
        match self {
            Self::Async => at_once(self.make_async(how, cache, id, source)),
            Self::Ordinary => self.make_blocking(how, cache, id, source),
        }
    }

    pub(crate) fn make(self, how: How, cache: &Cache, id: u32, source: &Source) {
        self.try_make(how, cache, id, source).unwrap_or_else(|error| panic!("{how:?}: {error}"));
    }

    pub(crate) async fn make_async(self, how: How, cache: &Cache, id: u32, source: &Source) -> Result<(), Error> {
        let (key, value) = (self.key(id), source.value());
        let entry = scope(cache, async { number::entry(id, source) }).await;
        match how {
            How::Invalidate => entry.invalidate().await,
            How::Expire => entry.expire().await,
            How::Put => entry.put(value).await,
            How::Set => cache.set(&key, &value, secs(60)).await,
            How::SetMany => cache.set_many(&[(&*key, value)], secs(60)).await,
            How::Delete => cache.delete(&key).await.map(drop),
            How::DeleteMany => cache.delete_many(&[&*key]).await.map(drop),
            How::Bump => entry.all().bump().await,
            How::Tag => cache.tag(&format!("source.one:{id}")).invalidate().await,
            How::CommonTag => cache.tag("source.all").invalidate().await,
            How::Clear => cache.clear().await,
            How::Writer => {
                scope(cache, write(id, source)).await;
                Ok(())
            }
        }
    }

    fn make_blocking(self, how: How, cache: &Cache, id: u32, source: &Source) -> Result<(), Error> {
        let (key, value) = (self.key(id), source.value());
        let entry = scope_blocking(cache, || number_now::entry(id, source));
        let by_hand = cache.blocking();
        match how {
            How::Invalidate => entry.invalidate(),
            How::Expire => entry.expire(),
            How::Put => entry.put(value),
            How::Set => by_hand.set(&key, &value, secs(60)),
            How::SetMany => by_hand.set_many(&[(&*key, value)], secs(60)),
            How::Delete => by_hand.delete(&key).map(drop),
            How::DeleteMany => by_hand.delete_many(&[&*key]).map(drop),
            How::Bump => entry.all().bump(),
            How::Tag => by_hand.tag(&format!("source.one:{id}")).invalidate(),
            How::CommonTag => by_hand.tag("source.all").invalidate(),
            How::Clear => by_hand.clear(),
            How::Writer => {
                scope_blocking(cache, || write_now(id, source));
                Ok(())
            }
        }
    }
}

/// A load that stands at its gate.
pub(crate) enum Loading<'a> {
    Async(Call<'a, u32>),
    Ordinary(JoinHandle<u32>),
}

impl<'a> Loading<'a> {
    /// Begins a load in this process, which reads the source and then stands at the source's gate.
    pub(crate) fn begin(kind: Kind, cache: &'a Cache, id: u32, source: &'a Source, gate: &Gate) -> Self {
        match kind {
            Kind::Async => {
                let call = Call::begin(scope(cache, number(id, source)));
                at_once(gate.reached());
                Self::Async(call)
            }
            Kind::Ordinary => {
                let (cache, source) = (cache.clone(), source.clone());
                let thread = std::thread::spawn(move || scope_blocking(&cache, || number_now(id, &source)));
                block_on(gate.reached());
                Self::Ordinary(thread)
            }
        }
    }

    /// Begins a refresh by hand in the same way.
    pub(crate) fn begin_refresh(kind: Kind, cache: &'a Cache, id: u32, source: &'a Source, gate: &Gate) -> Self {
        match kind {
            Kind::Async => {
                let call = Call::begin(scope(cache, async move { number::entry(id, source).refresh().await }));
                at_once(gate.reached());
                Self::Async(call)
            }
            Kind::Ordinary => {
                let (cache, source) = (cache.clone(), source.clone());
                let refresh = move || scope_blocking(&cache, || number_now::entry(id, &source).refresh());
                let thread = std::thread::spawn(refresh);
                block_on(gate.reached());
                Self::Ordinary(thread)
            }
        }
    }

    /// What it comes to when its gate is open.
    pub(crate) fn end(self) -> u32 {
        match self {
            Self::Async(call) => call.end(),
            Self::Ordinary(thread) => thread.join().unwrap(),
        }
    }
}
