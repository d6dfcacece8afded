//! What processes have seen, and the rules that must hold of it.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

/// One thing that a process did. Moments are nanoseconds of one clock for all processes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) process: usize,
    pub(crate) key: usize,
    pub(crate) begin: u64,
    pub(crate) end: u64,
    pub(crate) version: u64,
    pub(crate) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A call gave this version.
    Read,
    /// The source was given this version, and an invalidation of it was acknowledged at the end.
    Written,
    /// The same, but nobody acknowledged it.
    Unknown,
}

impl Event {
    /// As a process reports it.
    pub(crate) fn line(&self) -> String {
        let what = match self.what {
            What::Read => 'r',
            What::Written => 'w',
            What::Unknown => 'u',
        };
        format!("{what} {} {} {} {}", self.key, self.begin, self.end, self.version)
    }

    pub(crate) fn parse(process: usize, line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let what = match words.next()? {
            "r" => What::Read,
            "w" => What::Written,
            "u" => What::Unknown,
            _ => return None,
        };
        let mut number = || words.next()?.parse::<u64>().ok();
        let key = usize::try_from(number()?).ok()?;
        Some(Self { process, key, begin: number()?, end: number()?, version: number()?, what })
    }
}

/// How long a process may go on with what another has invalidated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slack {
    /// Where every hit comes from the store.
    pub(crate) bare: Duration,
    /// Where memory is in front of it.
    pub(crate) tiered: Duration,
    /// No call takes longer.
    pub(crate) call: Duration,
}

/// What is wrong.
#[derive(Debug)]
pub(crate) struct Broken(pub(crate) &'static str, Option<Event>, String);

impl Broken {
    /// A process has not come to see the last versions.
    pub(crate) fn settling(process: usize, what: &str) -> Self {
        Self("R5 nothing is lost", None, format!("process {process}: {what}"))
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.1 {
            Some(event) => write!(f, "{}: {event:?}: {}", self.0, self.2),
            None => write!(f, "{}: {}", self.0, self.2),
        }
    }
}

/// Everything that is against the rules. `is_bare` tells of which kind a process is; `is_whole`, whether it was never stopped itself.
pub(crate) fn check(
    events: &[Event],
    slack: Slack,
    is_bare: impl Fn(usize) -> bool,
    is_whole: impl Fn(usize) -> bool,
) -> Vec<Broken> {
    let mut broken = Vec::new();
    let mut writes: HashMap<usize, Vec<&Event>> = HashMap::new();
    for event in events.iter().filter(|event| event.what != What::Read) {
        writes.entry(event.key).or_default().push(event);
    }
    for read in events {
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        if is_whole(read.process) && read.end - read.begin > nanos(slack.call) {
            broken.push(Broken("R7 liveness", Some(read.clone()), format!("it took {} ns", read.end - read.begin)));
        }
        if read.what != What::Read {
            continue;
        }
        let writes = writes.get(&read.key).map_or(&[][..], Vec::as_slice);
        let elsewhere = nanos(if is_bare(read.process) { slack.bare } else { slack.tiered });
        let known = |write: &&&Event| {
            let later = if write.process == read.process { 0 } else { elsewhere };
            write.what == What::Written && write.end.saturating_add(later) < read.begin
        };
        if let Some(write) = writes.iter().filter(known).max_by_key(|write| write.version)
            && write.version > read.version
        {
            broken.push(Broken("R1 no stale value", Some(read.clone()), format!("this was acknowledged: {write:?}")));
        }
        // A process that was killed has told nothing of its writes.
        let begun = |write: &&Event| write.version >= read.version && write.begin <= read.end;
        if read.version > 0 && !writes.is_empty() && !writes.iter().any(begun) {
            broken.push(Broken("R2 no future", Some(read.clone()), "nobody had written it".into()));
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::{Event, Slack, What, check};
    use std::time::Duration;

    const SLACK: Slack =
        Slack { bare: Duration::ZERO, tiered: Duration::from_nanos(100), call: Duration::from_micros(1) };

    fn event(process: usize, what: What, begin: u64, end: u64, version: u64) -> Event {
        Event { process, key: 1, begin, end, version, what }
    }

    /// Process 0 is bare, the others have memory.
    fn rules(events: &[Event]) -> Vec<&'static str> {
        check(events, SLACK, |process| process == 0, |process| process != 9).iter().map(|broken| broken.0).collect()
    }

    #[test]
    fn a_good_history() {
        assert!(
            rules(&[
                event(0, What::Read, 1, 2, 0),
                event(1, What::Written, 3, 10, 1),
                event(1, What::Read, 11, 12, 1),
                event(2, What::Read, 50, 51, 0),
                event(0, What::Read, 11, 12, 1),
                event(2, What::Unknown, 60, 70, 2),
                event(0, What::Read, 80, 81, 1),
                event(1, What::Read, 80, 81, 2),
            ])
            .is_empty()
        );
    }

    #[test]
    fn what_was_acknowledged_is_seen() {
        let written = event(1, What::Written, 3, 10, 1);
        for (process, begin) in [(1, 11), (0, 11), (2, 111)] {
            assert_eq!(
                rules(&[written.clone(), event(process, What::Read, begin, begin + 1, 0)]),
                ["R1 no stale value"]
            );
            assert!(rules(&[written.clone(), event(process, What::Read, begin - 1, begin + 1, 0)]).is_empty());
        }
    }

    #[test]
    fn nothing_comes_before_it_is_written() {
        assert_eq!(rules(&[event(1, What::Written, 30, 40, 2), event(0, What::Read, 1, 2, 2)]), ["R2 no future"]);
    }

    #[test]
    fn no_call_takes_for_ever() {
        assert_eq!(rules(&[event(1, What::Read, 1, 1_002, 0)]), ["R7 liveness"]);
        assert!(rules(&[event(9, What::Read, 1, 1_002, 0)]).is_empty(), "it was stopped itself");
    }

    #[test]
    fn lines_come_back() {
        for what in [What::Read, What::Written, What::Unknown] {
            let event = event(3, what, 5, 6, 7);
            assert_eq!(Event::parse(3, &event.line()), Some(event));
        }
        assert_eq!(Event::parse(1, "ready"), None);
    }
}
