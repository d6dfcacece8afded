//! What a hit costs on one thread, and how many two threads get.

use crate::harness::{Contender, Order, fill, hits, ids, sum_of, throughput};
use crate::peers::{self, CACHED, CONCURRENT, LARDER, LOOP, MOKA};
use crate::report::{Section, Target};
use crate::{Effort, clear};

const COUNTS: [u64; 3] = [1, 1_000, 100_000];

/// One column of numbers for each measurement.
#[derive(Debug)]
struct Table {
    names: Vec<&'static str>,
    columns: Vec<(String, Vec<f64>)>,
}

impl Table {
    fn new<K>(contenders: &[Contender<K>]) -> Self {
        Self { names: contenders.iter().map(|contender| contender.name).collect(), columns: Vec::new() }
    }

    fn number(&self, column: &str, name: &str) -> f64 {
        let row = self.names.iter().position(|known| *known == name);
        let column = self.columns.iter().find(|(known, _)| known == column);
        row.zip(column).and_then(|(row, (_, numbers))| numbers.get(row)).copied().unwrap_or(f64::NAN)
    }

    fn print(&self, section: &mut Section, corner: &str) {
        let columns: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let rows: Vec<_> = self
            .names
            .iter()
            .enumerate()
            .map(|(row, name)| {
                let numbers = self.columns.iter().map(|(_, numbers)| numbers.get(row).copied()).collect();
                ((*name).to_owned(), numbers)
            })
            .collect();
        section.table(corner, &columns, &rows);
    }

    /// Larder's number over that of each other.
    fn print_ratios(&self, section: &mut Section, corner: &str) {
        let columns: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let rows: Vec<_> = self
            .names
            .iter()
            .filter(|name| ![LARDER, LOOP].contains(*name))
            .map(|name| {
                let ratio = |column: &str| self.number(column, LARDER) / self.number(column, name);
                ((*name).to_owned(), columns.iter().map(|column| Some(ratio(column))).collect())
            })
            .collect();
        section.table(corner, &columns, &rows);
    }
}

fn column(count: u64, order: Order) -> String {
    match count {
        1 => "1 key".to_owned(),
        _ => format!("{count} keys, {}", order.name()),
    }
}

fn one_thread<K>(contenders: &[Contender<K>], key: impl Fn(u64) -> K, effort: Effort) -> Table {
    let mut table = Table::new(contenders);
    for count in COUNTS {
        let ids_in_turn = ids(count, Order::Sequential);
        let keys: Vec<K> = ids_in_turn.iter().copied().map(&key).collect();
        fill(contenders, &keys, sum_of(&ids_in_turn));
        for order in Order::BOTH {
            if count == 1 && order == Order::Sequential {
                continue;
            }
            let ids = ids(count, order);
            let sum = sum_of(&ids);
            let keys: Vec<K> = ids.into_iter().map(&key).collect();
            eprintln!("  {}", column(count, order));
            table.columns.push((column(count, order), hits(contenders, &keys, sum, effort.rounds, effort.calls)));
        }
    }
    table
}

pub(crate) fn measure(effort: Effort) -> Section {
    let mut section = Section::new("A hit on one thread");
    section.paragraph(
        "Nanoseconds per call, loop included, the best round of each; the value is a `u64`. Caches are filled in \
         sequential order; \"random\" is each key equally often in a shuffled one. At 100,000 keys what counts is how many \
         cache lines a hit touches.",
    );

    eprintln!("hits by u64");
    let by_id = one_thread(&peers::by_id(), |id| id, effort);
    by_id.print(&mut section, "by `u64`, ns");
    by_id.print_ratios(&mut section, "larder's time over that of");
    clear();

    eprintln!("hits by &str");
    let by_name = one_thread(&peers::by_name(), peers::name_of, effort);
    by_name.print(&mut section, "by `&str` of 18 to 22 bytes, ns");
    by_name.print_ratios(&mut section, "larder's time over that of");
    clear();

    eprintln!("async hits");
    let in_async = one_thread(&peers::in_async(), |id| id, effort);
    in_async.print(&mut section, "async, by `u64`, ns");
    in_async.print_ratios(&mut section, "larder's time over that of");
    clear();

    let few = [column(1, Order::Random), column(1_000, Order::Random)];
    let many = [column(100_000, Order::Random), column(100_000, Order::Sequential)];
    let cached_at = |column: &str| by_id.number(column, CACHED).min(by_id.number(column, CONCURRENT));
    let mut targets = Vec::new();
    for column in &few {
        let larder = by_id.number(column, LARDER);
        targets.push(Target::at_most(
            format!("time over the faster of `cached`'s two, {column}"),
            0.5,
            larder / cached_at(column),
        ));
    }
    for column in &many {
        let larder = by_id.number(column, LARDER);
        targets.push(Target::at_most(
            format!("time over the faster of `cached`'s two, {column}"),
            1.0,
            larder / cached_at(column),
        ));
    }
    for column in &few {
        let larder = by_id.number(column, LARDER);
        targets.push(Target::at_most(
            format!("time over raw moka, {column}"),
            0.25,
            larder / by_id.number(column, MOKA),
        ));
    }
    for column in &few {
        let more = in_async.number(column, LARDER) - by_id.number(column, LARDER);
        targets.push(Target::at_most(format!("ns that an async hit costs more than a sync one, {column}"), 10.0, more));
    }
    section.targets(&targets);
    section
}

pub(crate) fn measure_threads(effort: Effort) -> Section {
    let mut section = Section::new("Hits on two threads");
    section.paragraph(
        "Million calls per second of both threads together, by `u64`, the best round of each; both ask for the same keys \
         in the same order.",
    );
    eprintln!("hits on two threads");
    let contenders = peers::by_id();
    let mut table = Table::new(&contenders);
    for count in COUNTS {
        let keys = ids(count, Order::Random);
        let sum = sum_of(&keys);
        eprintln!("  {}", column(count, Order::Random));
        fill(&contenders, &ids(count, Order::Sequential), sum);
        let numbers = throughput(&contenders, &keys, sum, effort.rounds, 2 * effort.calls, 2);
        table.columns.push((column(count, Order::Random), numbers));
    }
    clear();
    table.print(&mut section, "million hits/s");
    table.print_ratios(&mut section, "larder's throughput over that of");
    let hot = column(1, Order::Random);
    let ratio = table.number(&hot, LARDER) / table.number(&hot, CONCURRENT);
    section.targets(&[Target::at_least("throughput over `#[concurrent_cached]`, hot key", 6.0, ratio)]);
    section
}
