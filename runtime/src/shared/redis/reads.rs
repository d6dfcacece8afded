//! Reads that wait at the same time become one request: `GETRANGE` of their values and, each once, of their generations, up to a byte more
//! than may be there, since anything may be. Where the time that remains is asked for, `PTTL` stands before the value, so that one
//! that is written between the two looks older than it is.
//!
//! No request asks for more than [`MOST`] values, nor for more bytes of several than there is [room](super::room) for, so that none holds the connection up
//! for long. What is longer than its part of that is asked for again: its length first, and then, with others as they fit, itself.

use std::collections::HashMap;
use std::sync::Arc;

use redis::{Cmd, Pipeline, Value};

use super::answer::{self, Answer, Rest};
use super::connection::{Connection, Reply, Tries};
use super::link::Link;
use super::thread::Busy;
use super::{errors, keys, operations};
use crate::shared::envelope::LONGEST;
use crate::shared::store::{Found, Read, StoreError};

/// How many names are compared one by one before a map is worth its hashing.
const FEW: usize = 8;

/// How many values one request asks for.
pub(super) const MOST: usize = 256;

/// A value of so many bytes is copied to where it was asked from; a longer one is handed over, as is one of a longer list.
const SHORT: usize = 512;
const SHORT_LIST: usize = 16;

/// How long a generation is.
const GENERATION: usize = 16;

/// One call of `read`, and where its answer goes.
pub(super) struct Reading {
    pub(super) answer: Answer<Result<Vec<Found>, StoreError>, Vec<Read>>,
    /// What becomes the answer: [blank] as long as nothing is known. It comes from the thread that will have it.
    pub(super) found: Vec<Found>,
}

/// Nothing, with room for what is asked for.
pub(super) fn blank(reads: &[Read]) -> Vec<Found> {
    let room = || (reads.len() <= SHORT_LIST).then(|| Vec::with_capacity(SHORT));
    let generations = |read: &Read| vec![None; read.generations.len()];
    reads.iter().map(|read| Found { value: room(), remaining: None, generations: generations(read) }).collect()
}

/// One value that is asked for, where it goes, and how many bytes it may have.
struct Wanted<'a> {
    read: &'a Read,
    found: &'a mut Found,
    most: usize,
}

/// Readings that become one request, or one that becomes several: who asks for much keeps nobody else waiting.
pub(super) fn groups(readings: Vec<Reading>) -> Vec<Vec<Reading>> {
    let mut groups: Vec<Vec<Reading>> = Vec::new();
    let mut room = 0;
    for reading in readings {
        let size = reading.found.len();
        if let Some(group) = groups.last_mut().filter(|_| size <= room) {
            group.push(reading);
        } else {
            groups.push(vec![reading]);
            room = MOST;
        }
        room = room.saturating_sub(size);
    }
    groups
}

/// Reads for all of these, and answers each; who has to be woken a little later.
pub(super) async fn answer(link: &Arc<Link>, mut group: Vec<Reading>, busy: &Busy) -> Vec<Arc<Rest>> {
    let mut longer = match find(link, &mut group).await {
        Ok(longer) => longer.into_iter().peekable(),
        Err(error) => {
            let each = group.into_iter().map(|reading| (reading.answer, Err(errors::copy(&error))));
            return answer::send_all(each);
        }
    };
    let mut done = Vec::with_capacity(group.len());
    let mut first = 0;
    for Reading { answer, mut found } in group {
        let end = first + found.len();
        let mut part = Vec::new();
        while let Some(at) = longer.next_if(|at| *at < end) {
            part.push(at - first);
        }
        first = end;
        if part.is_empty() {
            done.push((answer, Ok(found)));
        } else {
            let (link, busy) = (link.clone(), busy.clone());
            tokio::spawn(async move {
                let completed = complete(&link, answer.question(), &mut found, part).await;
                answer.send(completed.map(|()| found));
                drop(busy);
            });
        }
    }
    answer::send_all(done.into_iter())
}

/// The places of those whose values are longer than was asked for.
async fn find(link: &Link, group: &mut [Reading]) -> Result<Vec<usize>, StoreError> {
    let mut all = Vec::with_capacity(group.iter().map(|reading| reading.found.len()).sum());
    for Reading { answer, found } in group {
        let each = answer.question().iter().zip(found);
        all.extend(each.map(|(read, found)| Wanted { read, found, most: LONGEST }));
    }
    let mut longer = Vec::new();
    for (number, part) in all.chunks_mut(MOST).enumerate() {
        if part.len() > 1 {
            let most = LONGEST.min(link.room.bytes() / part.len());
            for wanted in &mut *part {
                wanted.most = most;
            }
        }
        let first = number * MOST;
        longer.extend(request(link, part).await?.into_iter().map(|at| first + at));
    }
    Ok(longer)
}

/// Reads those of these places whose values were longer, as it fits. What has become still longer meanwhile is none, as is what is no value.
async fn complete(link: &Link, reads: &[Read], found: &mut [Found], longer: Vec<usize>) -> Result<(), StoreError> {
    let mut longer = longer.into_iter().peekable();
    let each = reads.iter().zip(found).enumerate();
    let mut all: Vec<Wanted<'_>> = each
        .filter(|(at, _)| longer.next_if_eq(at).is_some())
        .map(|(_, (read, found))| Wanted { read, found, most: 0 })
        .collect();
    for part in all.chunks_mut(MOST) {
        let lengths = lengths(link, part).await?;
        for (wanted, length) in part.iter_mut().zip(lengths) {
            wanted.most = length;
        }
    }
    all.retain(|wanted| (1..=LONGEST).contains(&wanted.most));
    while !all.is_empty() {
        let mut room = link.room.bytes();
        let fits = all.iter().take(MOST).take_while(|wanted| {
            let fits = wanted.most <= room;
            room = room.saturating_sub(wanted.most);
            fits
        });
        let rest = all.split_off(fits.count().max(1));
        let _longer = request(link, &mut all).await?;
        all = rest;
    }
    Ok(())
}

/// How long values are.
async fn lengths(link: &Link, wanted: &[Wanted<'_>]) -> Result<Vec<usize>, StoreError> {
    let mut calls = Pipeline::with_capacity(wanted.len());
    for Wanted { read, .. } in wanted {
        calls.cmd("STRLEN").arg(&*keys::value(&read.key));
    }
    let length = |reply: Reply| match reply {
        Ok(Value::Int(length)) => Ok(usize::try_from(length).unwrap_or(0)),
        Ok(_) => Err(errors::strange("no length")),
        Err(error) if errors::is_of_another_kind(&error) => Ok(0),
        Err(error) => Err(errors::of(error)),
    };
    link.run(&calls, Tries::Many, || true).await?.into_iter().map(length).collect()
}

/// One request for all of these. The places of those that were longer.
async fn request(link: &Link, wanted: &mut [Wanted<'_>]) -> Result<Vec<usize>, StoreError> {
    let names = Names::of(wanted);
    let sent = link.perform_on_same_nodes(async |connection| match connection {
        Connection::Node(_) => {
            let mut calls = Pipeline::with_capacity(2 * wanted.len() + names.list.len());
            for wanted in &*wanted {
                ask_value(&mut calls, wanted);
            }
            for name in &names.list {
                ask_text(&mut calls, name, GENERATION);
            }
            connection.run(&calls, Tries::Many).await
        }
        Connection::Cluster(..) => {
            // What belongs to one key goes to one node, in its order.
            let values = wanted.iter().map(|wanted| {
                let mut calls = Pipeline::with_capacity(2);
                ask_value(&mut calls, wanted);
                calls
            });
            let generations = names.list.iter().map(|name| {
                let mut calls = Pipeline::with_capacity(1);
                ask_text(&mut calls, name, GENERATION);
                calls
            });
            connection.run_each(values.chain(generations).collect()).await.into_iter().flatten().collect()
        }
    });
    // One alone is asked for however long it is.
    let replies = if wanted.len() > 1 {
        link.room.learn(link.deadline, |replies: &Vec<Reply>| size(replies), sent).await?
    } else {
        sent.await?
    };
    take(wanted, &names, replies)
}

fn ask_value(calls: &mut Pipeline, wanted: &Wanted<'_>) {
    let key = keys::value(&wanted.read.key);
    if wanted.read.life {
        calls.cmd("PTTL").arg(&*key);
    }
    ask_text(calls, &key, wanted.most);
}

/// How many bytes of values there are.
fn size(replies: &[Reply]) -> usize {
    let size = |reply: &Reply| if let Ok(Value::BulkString(bytes)) = reply { bytes.len() } else { 0 };
    replies.iter().map(size).sum()
}

/// One byte more than there may be tells of those that there may not.
fn ask_text(calls: &mut Pipeline, key: &str, most: usize) {
    let mut call = Cmd::with_capacity(4, key.len() + 24);
    call.arg("GETRANGE").arg(key).arg(0).arg(most);
    calls.add_command(call);
}

/// Takes what was asked for from the answers: the values, and behind them the generations. The places of values that are longer.
fn take(wanted: &mut [Wanted<'_>], names: &Names<'_>, replies: Vec<Reply>) -> Result<Vec<usize>, StoreError> {
    let mut replies = replies.into_iter();
    let mut next = || replies.next().ok_or_else(|| errors::strange("too few answers"));
    let mut longer = Vec::new();
    for (at, Wanted { read, found, most }) in wanted.iter_mut().enumerate() {
        let time = if read.life { Some(next()?.map_err(errors::of)?) } else { None };
        let text = text(next()?, *most)?;
        if matches!(text, Text::Longer) {
            longer.push(at);
        }
        let room = found.value.take();
        found.value = if let Text::Whole(bytes) = text { Some(moved(bytes, room)) } else { None };
        found.remaining = time.filter(|_| found.value.is_some()).map(|time| operations::remaining_of(&time));
    }
    let mut numbers = Vec::with_capacity(names.list.len());
    for _ in &names.list {
        numbers.push(match text(next()?, GENERATION)? {
            Text::Whole(bytes) => operations::generation(&bytes),
            Text::None | Text::Longer => None,
        });
    }
    let wanting = wanted.iter_mut().flat_map(|wanted| &mut wanted.found.generations);
    for (generation, place) in wanting.zip(&names.places) {
        *generation = numbers.get(*place).copied().flatten();
    }
    Ok(longer)
}

/// A value, in the room that there is for it if it is short.
fn moved(bytes: Vec<u8>, room: Option<Vec<u8>>) -> Vec<u8> {
    match room {
        Some(mut room) if bytes.len() <= room.capacity() => {
            room.extend_from_slice(&bytes);
            room
        }
        _ => bytes,
    }
}

/// What is under a key.
enum Text {
    /// Nothing, or something of another kind.
    None,
    Whole(Vec<u8>),
    /// More than was asked for.
    Longer,
}

fn text(reply: Reply, most: usize) -> Result<Text, StoreError> {
    match reply {
        Ok(Value::BulkString(bytes)) if bytes.is_empty() => Ok(Text::None),
        Ok(Value::BulkString(bytes)) if bytes.len() > most => Ok(Text::Longer),
        Ok(Value::BulkString(bytes)) => Ok(Text::Whole(bytes)),
        Ok(Value::Nil) => Ok(Text::None),
        Ok(_) => Err(errors::strange("no text")),
        Err(error) if errors::is_of_another_kind(&error) => Ok(Text::None),
        Err(error) => Err(errors::of(error)),
    }
}

/// Names, each of them once, and for each that was added the place of its name.
#[derive(Default)]
struct Names<'a> {
    list: Vec<&'a str>,
    places: Vec<usize>,
    map: HashMap<&'a str, usize, foldhash::fast::RandomState>,
}

impl<'a> Names<'a> {
    fn of(wanted: &[Wanted<'a>]) -> Self {
        let places = Vec::with_capacity(wanted.iter().map(|wanted| wanted.read.generations.len()).sum());
        let mut names = Self { places, ..Self::default() };
        for wanted in wanted {
            wanted.read.generations.iter().for_each(|name| names.add(name));
        }
        names
    }

    fn add(&mut self, name: &'a str) {
        let known = if self.list.len() <= FEW {
            self.list.iter().position(|known| *known == name)
        } else {
            self.map.get(name).copied()
        };
        let place = known.unwrap_or_else(|| {
            self.list.push(name);
            if self.list.len() > FEW {
                let first = self.map.len();
                self.map.extend(self.list.iter().enumerate().skip(first).map(|(place, name)| (*name, place)));
            }
            self.list.len() - 1
        });
        self.places.push(place);
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::Names;

    #[test]
    fn names_stand_once_however_many_there_are() {
        let texts: Vec<String> = (0..50).map(|number| (number % 20).to_string()).collect();
        let mut names = Names::default();
        for text in &texts {
            names.add(text);
        }
        assert_eq!(names.list.len(), 20);
        let listed: Vec<&str> = names.places.iter().map(|place| names.list[*place]).collect();
        assert_eq!(listed, texts.iter().map(String::as_str).collect::<Vec<_>>());
    }
}
