//! One attribute: the body runs once, then the cache answers.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use larder::cached;

static RUNS: AtomicU32 = AtomicU32::new(0);

/// How many primes there are below `n`.
///
/// A result is kept for a minute, under a key such as `primes:100000`. The argument is part of the key:
/// leave it out, and this does not compile.
#[cached(timeout = 60, key = "primes:<n>")]
fn primes(n: u32) -> usize {
    RUNS.fetch_add(1, Relaxed);
    (2..n).filter(|&n| (2..n).take_while(|d| d * d <= n).all(|d| n % d != 0)).count()
}

fn main() {
    assert_eq!(primes(100_000), 9_592);
    assert_eq!(primes(100_000), 9_592);
    assert_eq!(RUNS.load(Relaxed), 1, "the second call was a hit");

    assert_eq!(primes(10), 4);
    assert_eq!(RUNS.load(Relaxed), 2, "another argument is another entry");

    // The original function is still there.
    assert_eq!(primes::uncached(10), 4);
    assert_eq!(RUNS.load(Relaxed), 3);

    let stats = primes::all().stats();
    assert_eq!((stats.hits, stats.misses, stats.entries), (1, 2, 2));
}
