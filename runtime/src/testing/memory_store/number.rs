//! Numbers in a store: what their text is, and what adding to one comes to.

use super::shelf::{Shelf, after, is_same};
use crate::shared::{Increment, Incremented};

impl Shelf {
    /// What came of it; the note where a sum was stored.
    pub(super) fn increment(&mut self, increment: Increment, now: u64) -> (Incremented, Option<Vec<u8>>) {
        let outcome = self.add(&increment, now);
        let note = matches!(outcome, Incremented::Sum(_)).then_some(increment.note);
        (outcome, note)
    }

    fn add(&mut self, increment: &Increment, now: u64) -> Incremented {
        if self.hold(&increment.key, now).is_some() {
            return Incremented::Held;
        }
        let there = self.value(&increment.key, now).filter(|value| is_same(value, &increment.same, now));
        let (head, number, end) = match there {
            Some(value) => {
                let (place, mark) = increment.mark;
                let marked = value.bytes.get(place) == Some(&mark);
                let split = value.bytes.split_at_checked(increment.head.len()).filter(|_| marked);
                let Some((head, number)) = split.and_then(|(head, text)| Some((head, parse(text)?))) else {
                    return Incremented::NoNumber;
                };
                (head.to_vec(), number, value.end)
            }
            None => (increment.head.clone(), 0, after(now, increment.life)),
        };
        let Some(sum) = number.checked_add(increment.by) else {
            return Incremented::Overflow;
        };
        let mut bytes = head;
        bytes.extend_from_slice(sum.to_string().as_bytes());
        // A load that began before must not store its value over the sum.
        self.revoke(&increment.key);
        self.put(&increment.key, bytes, end);
        Incremented::Sum(sum)
    }
}

fn parse(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}
