//! What passes one way of a connection: a queue of bytes with their times, and whether its source has ended.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::{Fault, Way};

/// So much is read ahead of a receiver that takes nothing. Then the sender notices, as on a real network.
const ROOM: usize = 1 << 20;

/// How late a timer may be.
const LATE: Duration = Duration::from_millis(5);

/// How the source of a flow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Open,
    /// It has ended in order.
    Finished,
    /// It has ended by a reset, or its connection is lost.
    Broken,
}

/// What a flow wants to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing, until something else happens.
    Wait,
    /// Nothing before this time.
    WaitUntil(Instant),
    /// Write so many bytes of the first piece.
    Write(usize),
    /// Hand on the orderly end.
    Finish,
    /// Hand on the loss.
    Break,
}

impl Next {
    pub(super) fn time(self) -> Option<Instant> {
        if let Next::WaitUntil(time) = self { Some(time) } else { None }
    }

    pub(super) fn length(self) -> usize {
        if let Next::Write(length) = self { length } else { 0 }
    }
}

/// One way of a connection.
#[derive(Debug)]
pub(super) struct Flow {
    way: Way,
    pieces: VecDeque<(Instant, Vec<u8>)>,
    held: usize,
    pub(super) source: Source,
    /// The end has been handed on, or the receiver is gone.
    pub(super) over: bool,
    /// How many bytes have arrived since the present fault began.
    pub(super) passed: u64,
    /// When the next byte may arrive on a slow way.
    free: Instant,
}

impl Flow {
    pub(super) fn new(way: Way) -> Self {
        Self {
            way,
            pieces: VecDeque::new(),
            held: 0,
            source: Source::Open,
            over: false,
            passed: 0,
            free: Instant::now(),
        }
    }

    pub(super) fn way(&self) -> Way {
        self.way
    }

    pub(super) fn has_room(&self) -> bool {
        self.source == Source::Open && self.held < ROOM
    }

    /// Takes what was read: no bytes at the end of the source, nothing if it is lost.
    pub(super) fn take(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some([]) => self.source = Source::Finished,
            Some(bytes) if !self.over => {
                self.held += bytes.len();
                self.pieces.push_back((Instant::now(), bytes.to_vec()));
            }
            Some(_) => {}
            None => self.source = Source::Broken,
        }
    }

    /// The piece to write from.
    pub(super) fn front(&self, length: usize) -> &[u8] {
        self.pieces.front().and_then(|(_, piece)| piece.get(..length)).unwrap_or_default()
    }

    /// So many bytes of the first piece have arrived.
    pub(super) fn arrived(&mut self, length: usize, fault: Fault) {
        if let Fault::Rate(rate) = fault {
            // Timers are late, which is made up for.
            let begin = Instant::now().checked_sub(LATE).map_or(self.free, |late| self.free.max(late));
            self.free = begin + Duration::from_nanos(length as u64 * 1_000_000_000 / u64::from(rate.max(1)));
        }
        self.passed += length as u64;
        self.held -= length;
        if let Some((_, piece)) = self.pieces.front_mut() {
            piece.drain(..length);
            if piece.is_empty() {
                self.pieces.pop_front();
            }
        }
    }

    /// The receiver is gone.
    pub(super) fn close(&mut self) {
        self.over = true;
        self.lose();
    }

    /// Drops what is held, and says whether anything was.
    pub(super) fn lose(&mut self) -> bool {
        self.held = 0;
        let lost = !self.pieces.is_empty();
        self.pieces.clear();
        lost
    }

    /// What to do under this fault. `left` is how many bytes may arrive before the connection is cut.
    pub(super) fn next(&self, fault: Fault, left: u64, now: Instant) -> Next {
        let delay = match fault {
            Fault::BlackHole => return Next::Wait,
            Fault::Stall(way) if way.contains(self.way) => return Next::Wait,
            Fault::Delay(delay) => delay,
            Fault::Rate(_) if self.free > now && !self.pieces.is_empty() => return Next::WaitUntil(self.free),
            _ => Duration::ZERO,
        };
        match (self.pieces.front(), self.source) {
            (Some((read, _)), _) if *read + delay > now => Next::WaitUntil(*read + delay),
            (Some((_, piece)), _) => Next::Write(piece.len().min(usize::try_from(left).unwrap_or(usize::MAX))),
            // The end of a connection is not delayed: nobody can measure when it began.
            (None, Source::Finished) if !self.over => Next::Finish,
            (None, Source::Broken) => Next::Break,
            (None, _) => Next::Wait,
        }
    }
}
