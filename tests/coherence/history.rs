//! What processes have seen, and the rules that must hold of it.

use std::collections::{BTreeSet, HashMap};
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
    /// A call ran its body, which found this version.
    Loaded,
}

impl Event {
    pub(crate) fn writes(&self) -> bool {
        matches!(self.what, What::Written | What::Unknown)
    }

    /// As a process reports it.
    pub(crate) fn line(&self) -> String {
        let what = match self.what {
            What::Read => 'r',
            What::Written => 'w',
            What::Unknown => 'u',
            What::Loaded => 'l',
        };
        format!("{what} {} {} {} {}", self.key, self.begin, self.end, self.version)
    }

    pub(crate) fn parse(process: usize, line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let what = match words.next()? {
            "r" => What::Read,
            "w" => What::Written,
            "u" => What::Unknown,
            "l" => What::Loaded,
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
    for event in events.iter().filter(|event| event.writes()) {
        writes.entry(event.key).or_default().push(event);
    }
    for read in events.iter().filter(|event| event.what != What::Loaded) {
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

/// What is against the rules that hold while nothing is broken, and keys alone are invalidated.
pub(crate) fn check_strictly(events: &[Event]) -> Vec<Broken> {
    let mut events: Vec<&Event> = events.iter().collect();
    events.sort_by_key(|event| event.begin);
    let mut broken = Vec::new();
    let keys: BTreeSet<usize> = events.iter().map(|event| event.key).collect();
    for key in keys {
        let of = |what: fn(&Event) -> bool| events.iter().copied().filter(move |event| event.key == key && what(event));
        broken.extend(back_in_time(of(|event| event.what == What::Read)));
        let writes: Vec<&Event> = of(Event::writes).collect();
        let loads: Vec<&Event> = of(|event| event.what == What::Loaded).collect();
        let reads: Vec<&Event> = of(|event| event.what == What::Read).collect();
        // Its lease may have been taken, and revoked, before its body began.
        let called = |load: &Event| {
            let around =
                |read: &&&Event| read.process == load.process && read.begin <= load.begin && read.end >= load.end;
            reads.iter().filter(around).map(|read| read.begin).min().unwrap_or(load.begin)
        };
        for (at, load) in loads.iter().enumerate() {
            let others = loads.get(at + 1..).unwrap_or_default().iter().take_while(|other| other.begin < load.end);
            for other in others {
                // What revokes the lease of the first lets the second begin.
                let begin = called(load);
                if !writes.iter().any(|write| write.begin < other.begin && write.end > begin) {
                    broken.push(Broken("R4 leaders", Some((*other).clone()), format!("beside {load:?}")));
                }
            }
        }
        if loads.len() > 1 + writes.len() {
            let what = format!("key {key}: {} loads after {} writes", loads.len(), writes.len());
            broken.push(Broken("R6 work", None, what));
        }
    }
    broken
}

/// The reads of one key, in the order in which they begin, that give a process less than one that it has had before.
fn back_in_time<'a>(reads: impl Iterator<Item = &'a Event>) -> Vec<Broken> {
    let mut ended: HashMap<usize, Vec<&Event>> = HashMap::new();
    let mut broken = Vec::new();
    for read in reads {
        let before = ended.entry(read.process).or_default();
        // Of those that had ended the latest version is enough.
        let last =
            before.iter().filter(|earlier| earlier.end < read.begin).max_by_key(|earlier| earlier.version).copied();
        if let Some(last) = last {
            before.retain(|earlier| earlier.end >= read.begin || *earlier == last);
            if last.version > read.version {
                broken.push(Broken("R3 no way back", Some(read.clone()), format!("it had {last:?}")));
            }
        }
        before.push(read);
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::{Event, Slack, What, check, check_strictly};
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

    fn strict_rules(events: &[Event]) -> Vec<&'static str> {
        check_strictly(events).iter().map(|broken| broken.0).collect()
    }

    #[test]
    fn a_process_does_not_go_back() {
        let new = event(1, What::Read, 5, 10, 2);
        assert_eq!(strict_rules(&[event(1, What::Read, 11, 12, 1), new.clone()]), ["R3 no way back"]);
        assert!(strict_rules(&[event(1, What::Read, 9, 12, 1), new.clone()]).is_empty(), "at the same time");
        assert!(strict_rules(&[event(2, What::Read, 11, 12, 1), new]).is_empty(), "another process");
    }

    #[test]
    fn loads_stand_alone() {
        let loads = [event(1, What::Loaded, 10, 20, 0), event(2, What::Loaded, 15, 25, 0)];
        let with = |write: Event| [&loads[..], &[write]].concat();
        assert_eq!(strict_rules(&with(event(1, What::Written, 1, 9, 1))), ["R4 leaders"]);
        assert_eq!(strict_rules(&with(event(1, What::Written, 16, 18, 1))), ["R4 leaders"]);
        assert!(strict_rules(&with(event(1, What::Written, 5, 12, 1))).is_empty());
        let revoked_before = [event(1, What::Written, 1, 9, 1), event(1, What::Read, 8, 21, 1)];
        assert!(strict_rules(&[&loads[..], &revoked_before].concat()).is_empty(), "its call had begun");
        let of_another = [event(1, What::Written, 1, 9, 1), event(3, What::Read, 8, 21, 1)];
        assert_eq!(strict_rules(&[&loads[..], &of_another].concat()), ["R4 leaders"]);
        assert_eq!(strict_rules(&loads), ["R4 leaders", "R6 work"]);
    }

    #[test]
    fn no_load_is_for_nothing() {
        let loads = [event(1, What::Loaded, 1, 2, 0), event(2, What::Loaded, 30, 31, 1)];
        assert_eq!(strict_rules(&loads), ["R6 work"]);
        assert!(strict_rules(&[&loads[..], &[event(2, What::Unknown, 5, 9, 1)]].concat()).is_empty());
    }

    #[test]
    fn lines_come_back() {
        for what in [What::Read, What::Written, What::Unknown, What::Loaded] {
            let event = event(3, what, 5, 6, 7);
            assert_eq!(Event::parse(3, &event.line()), Some(event));
        }
        assert_eq!(Event::parse(1, "ready"), None);
    }
}
