//! The operations of a store as calls of scripts, and what their answers mean.

use std::time::Duration;

use redis::{Pipeline, Value};

use super::connection::Reply;
use super::ear::message;
use super::{errors, keys, scripts};
use crate::shared::store::{
    Expire, Fill, Generation, HoldOff, Increment, Incremented, Lease, Leased, Over, Release, Remove, Renew, StoreError,
    StoreErrorKind, Token, Turn, Which, Write,
};

/// The longest time that is told to Redis, which adds it to the time of day: 285,000 years. Lua knows whole numbers so far.
const LONGEST: u64 = 1 << 53;

/// How many generations one script is given: a Lua function takes some thousands of arguments.
const MANY: usize = 1_000;

/// A time in milliseconds; a part of one counts as a whole, so that no life is zero.
fn millis(time: Duration) -> u64 {
    let whole = time.as_nanos().div_ceil(1_000_000);
    u64::try_from(whole).unwrap_or(LONGEST).clamp(1, LONGEST)
}

/// The same where zero means something of its own.
fn millis_or_zero(time: Duration) -> u64 {
    if time.is_zero() { 0 } else { millis(time) }
}

/// Nothing stands for a life without an end.
fn life(life: Option<Duration>) -> String {
    life.map(|life| millis(life).to_string()).unwrap_or_default()
}

fn remaining(left: i64) -> Duration {
    match left {
        -1 => Duration::MAX,
        left => Duration::from_millis(u64::try_from(left).unwrap_or(0)),
    }
}

/// What `PTTL` has said before the value was read, if the value was there then.
pub(super) fn remaining_of(reply: &Value) -> Duration {
    if let Value::Int(left) = reply { remaining(*left) } else { Duration::ZERO }
}

fn token(token: Token) -> String {
    format!("{token:032x}")
}

/// A generation as it is stored; what is not stored by larder is none.
pub(super) fn generation(bytes: &[u8]) -> Option<Generation> {
    let digits = bytes.len() == 16 && bytes.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(bytes).ok().filter(|_| digits)?;
    Generation::from_str_radix(text, 16).ok()
}

/// Leases. Behind them follow the [`generations`]: each once, since many leases name the same ones.
pub(super) fn lease(leases: &[Lease]) -> Pipeline {
    let mut calls = Pipeline::with_capacity(leases.len() + 1);
    for lease in leases {
        scripts::LEASE.call(&mut calls, &[&keys::value(&lease.key), &keys::lease(&lease.key)]);
        calls.arg(token(lease.token)).arg(millis(lease.time));
        if let Over::Known { value, holder } = &lease.over {
            calls.arg(holder.map(token).unwrap_or_default());
            if let Some(value) = value {
                calls.arg(value);
            }
        }
    }
    calls
}

/// The generations of leases, each of them once and with the number that it has if it is new.
fn generations_of(leases: &[Lease]) -> Vec<(&str, Generation)> {
    let mut names = Vec::new();
    for lease in leases {
        names.extend(lease.generations.iter().map(|name| (name.as_str(), lease.fresh)));
    }
    // The order of those with one name stays as it was.
    names.sort_by_key(|(name, _)| *name);
    names.dedup_by_key(|(name, _)| *name);
    names
}

/// Asks for generations; in a cluster each has a slot of its own. One that is new lasts twice as long as it has to, so that not every
/// lease has to prolong it.
pub(super) fn generations(calls: &mut Pipeline, leases: &[Lease], cluster: bool) {
    let keep = leases.iter().map(|lease| lease.keep).max().unwrap_or_default();
    for names in generations_of(leases).chunks(if cluster { 1 } else { MANY }) {
        let (keys, fresh): (Vec<_>, Vec<_>) = names.iter().copied().unzip();
        scripts::GENERATIONS.call(calls, &keys);
        calls.arg(millis(keep)).arg(millis(keep.saturating_mul(2)));
        for fresh in fresh {
            calls.arg(format!("{fresh:016x}"));
        }
    }
}

pub(super) fn leased(leases: &[Lease], replies: Vec<Reply>) -> Result<Vec<Leased>, StoreError> {
    let mut replies = replies.into_iter();
    let turns: Vec<_> = replies.by_ref().take(leases.len()).map(turn).collect();
    let turns = all(turns)?;
    let generations = numbers(leases, replies)?;
    Ok(turns.into_iter().zip(generations).map(|(turn, generations)| Leased { turn, generations }).collect())
}

/// The generations of each lease, from the answers to [`generations`].
pub(super) fn numbers(
    leases: &[Lease],
    replies: impl IntoIterator<Item = Reply>,
) -> Result<Vec<Vec<Generation>>, StoreError> {
    let mut numbers = Vec::new();
    for reply in replies {
        let Value::Array(found) = reply.map_err(errors::of)? else { return Err(errors::strange("no list")) };
        for number in found {
            let Value::BulkString(bytes) = number else { return Err(errors::strange("no generation")) };
            numbers.push(generation(&bytes).ok_or_else(|| errors::strange("a generation of another kind"))?);
        }
    }
    let names = generations_of(leases);
    let number = |name: &String| {
        let place = names.binary_search_by_key(&name.as_str(), |(name, _)| *name).ok()?;
        numbers.get(place).copied()
    };
    let each = leases.iter().map(|lease| {
        let generations: Option<Vec<_>> = lease.generations.iter().map(number).collect();
        generations.ok_or_else(|| errors::strange("too few generations"))
    });
    each.collect()
}

fn turn(reply: Reply) -> Result<Turn, StoreError> {
    let Value::Array(parts) = reply.map_err(errors::of)? else { return Err(errors::strange("no list")) };
    let mut parts = parts.into_iter();
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Value::BulkString(word)), None, None) if word == b"lead" => Ok(Turn::Lead),
        (Some(Value::BulkString(word)), Some(Value::Int(left)), Some(Value::BulkString(holder))) if word == b"wait" => {
            // A lease that larder has not written is nobody's.
            let holder = std::str::from_utf8(&holder).ok().and_then(|text| Token::from_str_radix(text, 16).ok());
            Ok(Turn::Wait { left: remaining(left), holder: holder.unwrap_or_default() })
        }
        (Some(Value::BulkString(word)), Some(Value::Int(left)), None) if word == b"hold" => {
            Ok(Turn::Hold(remaining(left)))
        }
        (Some(Value::BulkString(word)), Some(Value::BulkString(value)), Some(Value::Int(left))) if word == b"hit" => {
            Ok(Turn::Hit(value, remaining(left)))
        }
        _ => Err(errors::strange("an unknown turn")),
    }
}

pub(super) fn fill(fills: &[Fill], channel: &str) -> Pipeline {
    let mut calls = Pipeline::with_capacity(fills.len());
    for fill in fills {
        scripts::FILL.call(&mut calls, &[&keys::value(&fill.key), &keys::lease(&fill.key)]);
        calls.arg(token(fill.token)).arg(&fill.value).arg(life(fill.life)).arg(channel).arg(message(&fill.note));
    }
    calls
}

pub(super) fn release(releases: &[Release], channel: &str) -> Pipeline {
    let mut calls = Pipeline::with_capacity(releases.len());
    for release in releases {
        scripts::RELEASE.call(&mut calls, &[&keys::value(&release.key), &keys::lease(&release.key)]);
        calls.arg(token(release.token)).arg(channel).arg(message(&release.note)).arg(u8::from(release.value));
    }
    calls
}

pub(super) fn renew(renews: &[Renew]) -> Pipeline {
    let mut calls = Pipeline::with_capacity(renews.len());
    for renew in renews {
        scripts::RENEW.call(&mut calls, &[&keys::lease(&renew.key)]).arg(token(renew.token)).arg(millis(renew.time));
    }
    calls
}

pub(super) fn write(writes: &[Write], channel: &str) -> Pipeline {
    let mut calls = Pipeline::with_capacity(writes.len());
    for write in writes {
        scripts::WRITE.call(&mut calls, &[&keys::value(&write.key), &keys::lease(&write.key)]);
        calls.arg(&write.value).arg(life(write.life)).arg(channel).arg(message(&write.note));
        if let Some(same) = &write.unless {
            calls.arg(same.at).arg(&same.bytes).arg(millis_or_zero(same.keep));
        }
    }
    calls
}

pub(super) fn increment(increment: &Increment, channel: &str) -> Pipeline {
    let Increment { key, by, head, same, mark: (place, byte), life: time, note } = increment;
    let mut calls = Pipeline::with_capacity(1);
    scripts::INCREMENT.call(&mut calls, &[&keys::value(key), &keys::lease(key), &keys::scratch(key)]);
    calls.arg(*by).arg(head).arg(life(*time)).arg(channel).arg(message(note));
    calls.arg(same.at).arg(&same.bytes).arg(millis_or_zero(same.keep)).arg(*place).arg(&[*byte][..]);
    calls
}

pub(super) fn incremented(reply: Reply) -> Result<Incremented, StoreError> {
    let Value::Array(parts) = reply.map_err(errors::of)? else { return Err(errors::strange("no list")) };
    let mut parts = parts.into_iter();
    match (parts.next(), parts.next()) {
        (Some(Value::BulkString(word)), Some(Value::BulkString(sum))) if word == b"sum" => {
            let sum = std::str::from_utf8(&sum).ok().and_then(|sum| sum.parse().ok());
            sum.map(Incremented::Sum).ok_or_else(|| errors::strange("a sum that is no number"))
        }
        (Some(Value::BulkString(word)), None) => match word.as_slice() {
            b"held" => Ok(Incremented::Held),
            b"none" => Ok(Incremented::NoNumber),
            b"overflow" => Ok(Incremented::Overflow),
            b"untold" => Err(errors::untold()),
            _ => Err(errors::strange("an unknown end of an addition")),
        },
        _ => Err(errors::strange("an unknown end of an addition")),
    }
}

pub(super) fn remove(removes: &[Remove], channel: &str) -> Pipeline {
    let mut calls = Pipeline::with_capacity(removes.len());
    for remove in removes {
        scripts::REMOVE.call(&mut calls, &[&keys::value(&remove.key), &keys::lease(&remove.key)]);
        let (holder, time) = match remove.hold {
            HoldOff::Unchanged => (String::new(), String::new()),
            HoldOff::Begun(holder, time) => (token(holder), millis(time).to_string()),
            HoldOff::Ended(holder) => (token(holder), String::new()),
        };
        calls.arg(channel).arg(message(&remove.note)).arg(holder).arg(time);
        match &remove.which {
            Which::Any => {}
            Which::Beginning(bytes) => _ = calls.arg(bytes).arg(1),
            Which::NotBeginning(bytes) => _ = calls.arg(bytes).arg(0),
        }
    }
    calls
}

pub(super) fn expire(expires: &[Expire], channel: &str) -> Pipeline {
    let mut calls = Pipeline::with_capacity(expires.len());
    for expire in expires {
        scripts::EXPIRE.call(&mut calls, &[&keys::value(&expire.key), &keys::lease(&expire.key)]);
        calls.arg(millis_or_zero(expire.keep)).arg(channel).arg(message(&expire.note));
    }
    calls
}

/// Each call tells of its own generations when they are gone: in a cluster each has a slot of its own, and to hear it twice does no harm.
pub(super) fn bump(generations: &[String], note: &[u8], channel: &str, cluster: bool) -> Pipeline {
    let mut calls = Pipeline::new();
    let mut names: Vec<&str> = generations.iter().map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    for names in names.chunks(if cluster { 1 } else { MANY }) {
        scripts::BUMP.call(&mut calls, names).arg(channel).arg(message(note));
    }
    calls
}

/// Yes, no, or done without telling anybody.
fn flag(reply: Reply) -> Result<bool, StoreError> {
    match reply.map_err(errors::of)? {
        Value::Int(0) => Ok(false),
        Value::Int(1) => Ok(true),
        Value::Int(-1) => Err(errors::untold()),
        _ => Err(errors::strange("neither yes nor no")),
    }
}

pub(super) fn flags(replies: Vec<Reply>) -> Result<Vec<bool>, StoreError> {
    all(replies.into_iter().map(flag).collect())
}

/// All of them, or the worst failure: that nobody was told is the least.
fn all<T>(results: Vec<Result<T, StoreError>>) -> Result<Vec<T>, StoreError> {
    let mut done = Vec::with_capacity(results.len());
    let mut untold = None;
    for result in results {
        match result {
            Ok(value) => done.push(value),
            Err(error) if error.kind() == StoreErrorKind::Untold => untold = Some(error),
            Err(error) => return Err(error),
        }
    }
    untold.map_or(Ok(done), Err)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{LONGEST, generation, millis, millis_or_zero, remaining};

    #[test]
    fn times_fit_redis() {
        assert_eq!(millis(Duration::ZERO), 1);
        assert_eq!(millis(Duration::from_nanos(1)), 1);
        assert_eq!(millis(Duration::from_micros(1_001)), 2);
        assert_eq!(millis(Duration::from_secs(2)), 2_000);
        assert_eq!(millis(Duration::MAX), LONGEST);
        assert_eq!((millis_or_zero(Duration::ZERO), millis_or_zero(Duration::from_nanos(1))), (0, 1));
        assert_eq!((remaining(-1), remaining(-2)), (Duration::MAX, Duration::ZERO));
        assert_eq!(remaining(1_500), Duration::from_millis(1_500));
    }

    #[test]
    fn only_our_generations_are_generations() {
        assert_eq!(generation(b"00000000000000ff"), Some(255));
        assert_eq!(generation(b"ffffffffffffffff"), Some(u64::MAX));
        for bytes in [&b""[..], b"ff", b"+0000000000000ff", b"zzzzzzzzzzzzzzzz", &[0xff; 16]] {
            assert_eq!(generation(bytes), None, "{bytes:?}");
        }
    }
}
