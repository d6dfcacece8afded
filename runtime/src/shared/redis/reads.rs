//! Reads that wait at the same time become one command: `MGET` of their keys and, each once, of their generations. Where the time that
//! remains is asked for, `PTTL` stands before it, so that a value that is written between the two looks older than it is.

use std::collections::HashMap;
use std::sync::Arc;

use redis::{Cmd, Pipeline, Value};

use super::answer::{self, Answer, Rest};
use super::connection::{Connection, Reply};
use super::link::Link;
use super::{errors, keys, operations};
use crate::shared::store::{Found, Generation, Read, StoreError};

/// How many names are compared one by one before a map is worth its hashing.
const FEW: usize = 8;

/// One call of `read`, and where its answer goes.
pub(super) struct Reading {
    pub(super) reads: Vec<Read>,
    pub(super) answer: Answer<Result<Vec<Found>, StoreError>>,
}

/// Reads for all of these, and answers each; who has to be woken a little later.
pub(super) async fn answer(link: &Link, batch: Vec<Reading>) -> Vec<Arc<Rest>> {
    let found = {
        let mut reads = Vec::with_capacity(batch.iter().map(|reading| reading.reads.len()).sum());
        for reading in &batch {
            reads.extend(&reading.reads);
        }
        find(link, &reads).await
    };
    let mut found = found.map(Vec::into_iter);
    answer::send_all(batch.into_iter().map(|Reading { reads, answer }| {
        let part = match &mut found {
            Ok(found) => Ok(found.by_ref().take(reads.len()).collect()),
            Err(error) => Err(errors::copy(error)),
        };
        (answer, part)
    }))
}

async fn find(link: &Link, reads: &[&Read]) -> Result<Vec<Found>, StoreError> {
    let names = Names::of(reads);
    let replies = link
        .perform_on_same_nodes(async |connection| match connection {
            Connection::Node(_) => connection.run(&pipeline(reads, &names)).await,
            Connection::Cluster(_) => by_slot(connection, reads, &names).await,
        })
        .await?;
    found(reads, &names, replies)
}

/// Times first, then all values and generations.
fn pipeline(reads: &[&Read], names: &Names<'_>) -> Pipeline {
    let lives = reads.iter().filter(|read| read.life);
    let mut calls = Pipeline::with_capacity(lives.clone().count() + 1);
    for read in lives {
        calls.cmd("PTTL").arg(&*keys::value(&read.key));
    }
    let sizes = reads.iter().map(|read| read.key.len()).chain(names.list.iter().map(|name| name.len()));
    let mut values = Cmd::with_capacity(1 + reads.len() + names.list.len(), 8 + sizes.sum::<usize>());
    values.arg("MGET");
    for read in reads {
        values.arg(&*keys::value(&read.key));
    }
    for name in &names.list {
        values.arg(name);
    }
    calls.add_command(values);
    calls
}

/// The same answers from a cluster: a value whose time is asked for is read in one pipeline with it, all others and the generations by a
/// command that is split by slot.
async fn by_slot(connection: Connection, reads: &[&Read], names: &Names<'_>) -> Vec<Reply> {
    let lives = reads.iter().filter(|read| read.life);
    let with_life = lives.map(|read| {
        let mut calls = Pipeline::with_capacity(2);
        // `MGET` where `GET` would do: a key of another kind is no error for it.
        let key = keys::value(&read.key);
        calls.cmd("PTTL").arg(&*key).cmd("MGET").arg(&*key);
        calls
    });
    let mut rest = redis::cmd("MGET");
    for read in reads.iter().filter(|read| !read.life) {
        rest.arg(&*keys::value(&read.key));
    }
    for name in &names.list {
        rest.arg(name);
    }
    let some = rest.args_iter().len() > 1;
    let pairs = connection.run_each(with_life.collect());
    let rest = async { if some { connection.ask(&rest).await } else { Ok(Value::Array(Vec::new())) } };
    let (pairs, rest) = futures_lite::future::zip(pairs, rest).await;

    let mut replies = Vec::with_capacity(pairs.len() + 1);
    let mut values = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let mut pair = pair.into_iter();
        replies.extend(pair.next());
        values.extend(pair.next());
    }
    replies.push(in_order(reads, values, rest));
    replies
}

/// Puts the values together as one `MGET` would have answered.
fn in_order(reads: &[&Read], with_life: Vec<Reply>, rest: Reply) -> Reply {
    let Value::Array(rest) = rest? else { return Ok(Value::Nil) };
    let (mut with_life, mut rest) = (with_life.into_iter(), rest.into_iter());
    let mut values = Vec::with_capacity(reads.len());
    for read in reads {
        let value = match (read.life, with_life.by_ref()) {
            (true, with_life) => match with_life.next().transpose()? {
                Some(Value::Array(mut one)) => one.pop(),
                _ => None,
            },
            (false, _) => rest.next(),
        };
        values.push(value.unwrap_or(Value::Nil));
    }
    values.extend(rest);
    Ok(Value::Array(values))
}

fn found(reads: &[&Read], names: &Names<'_>, replies: Vec<Reply>) -> Result<Vec<Found>, StoreError> {
    let mut replies = replies;
    let values = replies.pop().ok_or_else(|| errors::strange("no answer"))?.map_err(errors::of)?;
    let Value::Array(mut values) = values else { return Err(errors::strange("no list of values")) };
    if values.len() != reads.len() + names.list.len() {
        return Err(errors::strange("too few values"));
    }
    let generations = values.split_off(reads.len());
    let generations: Vec<Option<Generation>> = generations.into_iter().map(|value| number(&value)).collect();
    let mut places = names.places.iter();
    let mut times = replies.into_iter();
    let mut found = Vec::with_capacity(reads.len());
    for (read, value) in reads.iter().zip(values) {
        let time = if read.life { times.next().transpose().map_err(errors::of)? } else { None };
        let value = if let Value::BulkString(bytes) = value { Some(bytes) } else { None };
        let places = places.by_ref().take(read.generations.len());
        found.push(Found {
            remaining: time.filter(|_| value.is_some()).map(|time| operations::remaining_of(&time)),
            value,
            generations: places.map(|place| generations.get(*place).copied().flatten()).collect(),
        });
    }
    Ok(found)
}

fn number(value: &Value) -> Option<Generation> {
    if let Value::BulkString(bytes) = value { operations::generation(bytes) } else { None }
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
