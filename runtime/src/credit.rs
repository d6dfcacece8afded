//! Misses fund reports: each entry stored lets its thread report some of its next hits to the policy. A cache that
//! stores nothing new has nothing to decide, and its hits pay nothing for the policy.

use std::cell::Cell;

const PER_MISS: u32 = 32;
/// What a thread may save up.
const MOST: u32 = 4096;

thread_local! {
    static CREDIT: Cell<u32> = const { Cell::new(0) };
}

pub(crate) fn earn() {
    CREDIT.with(|credit| credit.set((credit.get() + PER_MISS).min(MOST)));
}

#[inline]
pub(crate) fn spend() -> bool {
    CREDIT.with(|credit| {
        let left = credit.get();
        if left > 0 {
            credit.set(left - 1);
        }
        left > 0
    })
}
