//! How often the right entries are still there: the same requests to larder and to moka alone, which decides for larder
//! what stays.

use std::sync::atomic::{AtomicU64, Ordering};

use larder::Cache;

use crate::Effort;
use crate::harness::value_of;
use crate::report::{Section, Target};
use crate::rng::{Rng, Zipf};

const UNIVERSE: u32 = 100_000;
const CAPACITIES: [u64; 3] = [100, 1_000, 10_000];

static LOADS: AtomicU64 = AtomicU64::new(0);

#[larder::cached(timeout = never, key = "trace:<id>", cache = *cache, ignore(cache))]
fn traced(cache: &Cache, id: u64) -> u64 {
    LOADS.fetch_add(1, Ordering::Relaxed);
    value_of(id)
}

/// Requests in their order.
fn traces(requests: u64) -> Vec<(&'static str, Vec<u64>)> {
    let universe = u64::from(UNIVERSE);
    // What is popular is not what has a low number.
    let mut ids: Vec<u64> = (0..universe).collect();
    Rng::new(7).shuffle(&mut ids);
    let id = |rank: u64| usize::try_from(rank % universe).ok().and_then(|rank| ids.get(rank)).copied().unwrap_or(0);
    let zipf = |exponent: f64, seed: u64| {
        let (zipf, mut rng) = (Zipf::new(UNIVERSE, exponent), Rng::new(seed));
        move || zipf.rank(&mut rng)
    };
    let plain = |exponent: f64, seed: u64| {
        let mut rank = zipf(exponent, seed);
        (0..requests).map(|_| id(rank())).collect()
    };
    let mut shifting = zipf(1.0, 4);
    let mut scanned = zipf(1.0, 5);
    vec![
        ("Zipf 0.8", plain(0.8, 1)),
        ("Zipf 1.0", plain(1.0, 2)),
        ("Zipf 1.2", plain(1.2, 3)),
        // Every 20,000 requests, the 500 most popular make room for others.
        ("Zipf 1.0, shifting", (0..requests).map(|at| id(shifting() + at / 20_000 * 500)).collect()),
        // Every 20,000 requests, 5,000 keys in a row that nobody asks for twice.
        (
            "Zipf 1.0 with scans",
            (0..requests).map(|at| if at % 20_000 >= 15_000 { universe + at } else { id(scanned()) }).collect(),
        ),
    ]
}

fn larder_ratio(trace: &[u64], capacity: u64) -> f64 {
    let cache = Cache::builder().capacity(capacity).build_blocking().expect("the settings are right");
    let before = LOADS.load(Ordering::Relaxed);
    for &id in trace {
        assert_eq!(traced(&cache, id), value_of(id), "larder: wrong value");
    }
    let loads = LOADS.load(Ordering::Relaxed) - before;
    let counted = cache.stats();
    assert_eq!((counted.loads, counted.hits), (loads, trace.len() as u64 - loads), "the statistics are right");
    1.0 - loads as f64 / trace.len() as f64
}

fn moka_ratio(trace: &[u64], capacity: u64) -> f64 {
    let cache = moka::sync::Cache::new(capacity);
    let mut loads = 0_u64;
    for &id in trace {
        let value = cache.get(&id).unwrap_or_else(|| {
            loads += 1;
            cache.insert(id, value_of(id));
            value_of(id)
        });
        assert_eq!(value, value_of(id), "moka: wrong value");
    }
    1.0 - loads as f64 / trace.len() as f64
}

pub(crate) fn measure(effort: Effort) -> Section {
    eprintln!("hit ratio");
    let mut section = Section::new("Hit ratio");
    let requests = effort.requests;
    section.paragraph(&format!(
        "Per cent of {requests} requests that were hits, for {UNIVERSE} keys and three capacities; moka alone is asked \
         and filled by hand."
    ));
    let mut columns = Vec::new();
    for capacity in CAPACITIES {
        columns.extend([format!("{capacity}: larder"), "moka".to_owned(), "points".to_owned()]);
    }
    let mut worst = f64::INFINITY;
    let rows: Vec<_> = traces(requests)
        .into_iter()
        .map(|(name, trace)| {
            let mut numbers = Vec::new();
            for capacity in CAPACITIES {
                let larder = larder_ratio(&trace, capacity) * 100.0;
                let moka = moka_ratio(&trace, capacity) * 100.0;
                worst = worst.min(larder - moka);
                numbers.extend([Some(larder), Some(moka), Some(larder - moka)]);
            }
            (name.to_owned(), numbers)
        })
        .collect();
    section.table("requests", &columns, &rows);
    section.targets(&[Target::at_least("points above moka in the worst case", -0.5, worst)]);
    section
}
