//! Reads that wait at the same time become one request: `GETRANGE` of their values and, each once, of their generations, up to a byte more
//! than may be there, since anything may be. Where the time that remains is asked for, `PTTL` stands before the value, so that one
//! that is written between the two looks older than it is.
//!
//! No request asks for more than [`MOST`] values, nor for more bytes of several than there is [room](super::room) for, so that none holds the connection up
//! for long. What is longer than its part of that is asked for again: its length first, and then, with others as they fit, itself.

use std::collections::HashMap;
use std::sync::Arc;

use redis::{Cmd, Pipeline, Value};
use tokio::task::JoinSet;

use super::answer::{self, Answer, Rest};
use super::connection::{Connection, Reply, Tries};
use super::link::Link;
use super::{errors, keys, operations};
use crate::shared::envelope::LONGEST;
use crate::shared::store::{Found, Generation, Read, StoreError};

/// How many names are compared one by one before a map is worth its hashing.
const FEW: usize = 8;

/// How many values one request asks for.
pub(super) const MOST: usize = 256;

/// How long a generation is.
const GENERATION: usize = 16;

/// One call of `read`, and where its answer goes.
pub(super) struct Reading {
    pub(super) reads: Vec<Read>,
    pub(super) answer: Answer<Result<Vec<Found>, StoreError>>,
}

/// Readings that become one request, or one that becomes several: who asks for much keeps nobody else waiting.
pub(super) fn groups(readings: Vec<Reading>) -> Vec<Vec<Reading>> {
    let mut groups: Vec<Vec<Reading>> = Vec::new();
    let mut room = 0;
    for reading in readings {
        let size = reading.reads.len();
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

/// Reads for all of these, and answers each; who has to be woken a little later, and what still goes on.
pub(super) async fn answer(link: &Arc<Link>, group: Vec<Reading>) -> (Vec<Arc<Rest>>, JoinSet<()>) {
    let mut longer = JoinSet::new();
    let found = {
        let mut reads = Vec::with_capacity(group.iter().map(|reading| reading.reads.len()).sum());
        for reading in &group {
            reads.extend(&reading.reads);
        }
        find(link, &reads).await
    };
    let mut seen = match found {
        Ok(seen) => seen.into_iter(),
        Err(error) => {
            let each = group.into_iter().map(|reading| (reading.answer, Err(errors::copy(&error))));
            return (answer::send_all(each), longer);
        }
    };
    let mut done = Vec::with_capacity(group.len());
    for Reading { reads, answer } in group {
        let part: Vec<Seen> = seen.by_ref().take(reads.len()).collect();
        if part.iter().any(|seen| matches!(seen, Seen::Longer(_))) {
            let link = link.clone();
            longer.spawn(async move { answer.send(complete(&link, &reads, part).await) });
        } else {
            done.push((answer, Ok(part.into_iter().map(Seen::found).collect())));
        }
    }
    (answer::send_all(done.into_iter()), longer)
}

/// What a request has found for a read.
enum Seen {
    Found(Found),
    /// The value is longer than was asked for; the rest stands here.
    Longer(Found),
}

impl Seen {
    /// What there is, without a value that is longer.
    fn found(self) -> Found {
        match self {
            Self::Found(found) | Self::Longer(found) => found,
        }
    }
}

async fn find(link: &Link, reads: &[&Read]) -> Result<Vec<Seen>, StoreError> {
    let mut seen = Vec::with_capacity(reads.len());
    for part in reads.chunks(MOST) {
        let most = if part.len() == 1 { LONGEST } else { LONGEST.min(link.room.bytes() / part.len()) };
        seen.extend(request(link, part, &vec![most; part.len()]).await?);
    }
    Ok(seen)
}

/// Reads what was longer, as it fits. What has become still longer meanwhile is none, as is what is no value.
async fn complete(link: &Link, reads: &[Read], seen: Vec<Seen>) -> Result<Vec<Found>, StoreError> {
    let longer = seen.iter().enumerate().filter(|(_, seen)| matches!(seen, Seen::Longer(_)));
    let longer: Vec<(usize, &Read)> = longer.filter_map(|(at, _)| Some((at, reads.get(at)?))).collect();
    let mut found: Vec<Found> = seen.into_iter().map(Seen::found).collect();
    let mut open = Vec::with_capacity(longer.len());
    for part in longer.chunks(MOST) {
        for ((at, read), length) in part.iter().zip(lengths(link, part.iter().map(|(_, read)| *read)).await?) {
            if (1..=LONGEST).contains(&length) {
                open.push((*at, *read, length));
            }
        }
    }
    while !open.is_empty() {
        let mut room = link.room.bytes();
        let fits = open.iter().take(MOST).take_while(|(.., length)| {
            let fits = *length <= room;
            room = room.saturating_sub(*length);
            fits
        });
        let rest = open.split_off(fits.count().max(1));
        let part = std::mem::replace(&mut open, rest);
        let asked: Vec<&Read> = part.iter().map(|(_, read, _)| *read).collect();
        let most: Vec<usize> = part.iter().map(|(.., length)| *length).collect();
        for ((at, ..), seen) in part.into_iter().zip(request(link, &asked, &most).await?) {
            if let Some(found) = found.get_mut(at) {
                *found = seen.found();
            }
        }
    }
    Ok(found)
}

/// How long values are.
async fn lengths(link: &Link, reads: impl Iterator<Item = &Read>) -> Result<Vec<usize>, StoreError> {
    let mut calls = Pipeline::new();
    for read in reads {
        calls.cmd("STRLEN").arg(&*keys::value(&read.key));
    }
    let length = |reply: Reply| match reply {
        Ok(Value::Int(length)) => Ok(usize::try_from(length).unwrap_or(0)),
        Ok(_) => Err(errors::strange("no length")),
        Err(error) if errors::is_of_another_kind(&error) => Ok(0),
        Err(error) => Err(errors::of(error)),
    };
    link.run(&calls, Tries::Many).await?.into_iter().map(length).collect()
}

/// One request for all of these, each of whose values may have so many bytes at most.
async fn request(link: &Link, reads: &[&Read], most: &[usize]) -> Result<Vec<Seen>, StoreError> {
    let names = Names::of(reads);
    let sent = link.perform_on_same_nodes(async |connection| match connection {
        Connection::Node(_) => {
            let mut calls = Pipeline::with_capacity(2 * reads.len() + names.list.len());
            reads.iter().zip(most).for_each(|(read, most)| ask_value(&mut calls, read, *most));
            names.list.iter().for_each(|name| ask_text(&mut calls, name, GENERATION));
            connection.run(&calls, Tries::Many).await
        }
        Connection::Cluster(..) => {
            // What belongs to one key goes to one node, in its order.
            let values = reads.iter().zip(most).map(|(read, most)| {
                let mut calls = Pipeline::with_capacity(2);
                ask_value(&mut calls, read, *most);
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
    let replies = if reads.len() > 1 {
        link.room.learn(link.deadline, |replies: &Vec<Reply>| size(replies), sent).await?
    } else {
        sent.await?
    };
    seen(reads, most, &names, replies)
}

fn ask_value(calls: &mut Pipeline, read: &Read, most: usize) {
    let key = keys::value(&read.key);
    if read.life {
        calls.cmd("PTTL").arg(&*key);
    }
    ask_text(calls, &key, most);
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

fn seen(reads: &[&Read], most: &[usize], names: &Names<'_>, replies: Vec<Reply>) -> Result<Vec<Seen>, StoreError> {
    let mut replies = replies.into_iter();
    let mut next = || replies.next().ok_or_else(|| errors::strange("too few answers"));
    let mut values = Vec::with_capacity(reads.len());
    for (read, most) in reads.iter().zip(most) {
        let time = if read.life { Some(next()?.map_err(errors::of)?) } else { None };
        values.push((time, text(next()?, *most)?));
    }
    let mut generations = Vec::with_capacity(names.list.len());
    for _ in &names.list {
        generations.push(match text(next()?, GENERATION)? {
            Text::Whole(bytes) => operations::generation(&bytes),
            Text::None | Text::Longer => None,
        });
    }
    let mut places = names.places.iter();
    let seen = reads.iter().zip(values).map(|(read, (time, value))| {
        let places = places.by_ref().take(read.generations.len());
        let generations: Vec<Option<Generation>> =
            places.map(|place| generations.get(*place).copied().flatten()).collect();
        let found = |value: Option<Vec<u8>>| Found {
            remaining: time.filter(|_| value.is_some()).map(|time| operations::remaining_of(&time)),
            value,
            generations,
        };
        match value {
            Text::Whole(bytes) => Seen::Found(found(Some(bytes))),
            Text::None => Seen::Found(found(None)),
            Text::Longer => Seen::Longer(found(None)),
        }
    });
    Ok(seen.collect())
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
    fn of(reads: &[&'a Read]) -> Self {
        let places = Vec::with_capacity(reads.iter().map(|read| read.generations.len()).sum());
        let mut names = Self { places, ..Self::default() };
        for name in reads.iter().flat_map(|read| &read.generations) {
            names.add(name);
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
