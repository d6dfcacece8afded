//! How long the same call took, many times over: its middle, its slow end, and the shape between them.

use std::fmt::Write;
use std::time::Duration;

use minijinja::{Value, context};

/// Where the axis begins, as a power of ten of a second; a page from memory and a slow query both fit on it.
const FROM: i32 = -6;

/// Powers of ten on the axis.
const DECADES: u32 = 7;

const STEPS_PER_DECADE: u32 = 10;

/// The size of the picture's plane in its own units.
pub(crate) const WIDTH: f64 = 280.0;
pub(crate) const HEIGHT: f64 = 56.0;

/// The times of calls, shortest first.
#[derive(Debug)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(crate) fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that `percent` of the calls did not exceed (nearest rank); of few calls, p99 is the slowest.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied().unwrap_or_default()
    }

    /// The distribution as the outline of a histogram, as high as the picture where most calls are.
    pub(crate) fn outline(&self) -> String {
        let steps = DECADES * STEPS_PER_DECADE;
        let width = WIDTH / f64::from(steps);
        let counts: Vec<u32> = (0..steps)
            .map(|step| {
                let (left, right) = (f64::from(step) * width, f64::from(step + 1) * width);
                let inside = self.0.iter().map(|time| place(*time)).filter(|x| (left..right).contains(x));
                u32::try_from(inside.count()).unwrap_or(u32::MAX)
            })
            .collect();
        let most = f64::from(counts.iter().copied().max().unwrap_or(0).max(1));
        let mut path = format!("M0 {HEIGHT}");
        for count in counts {
            // Writing to a string can't fail.
            let _ = write!(path, "V{:.1}h{width:.1}", HEIGHT - HEIGHT * f64::from(count) / most);
        }
        let _ = write!(path, "V{HEIGHT}Z");
        path
    }
}

/// Where a time stands on the axis. What is beyond an end stands at it.
pub(crate) fn place(time: Duration) -> f64 {
    let decades = time.as_secs_f64().max(1e-9).log10() - f64::from(FROM);
    (decades / f64::from(DECADES) * WIDTH).clamp(0.0, WIDTH - 0.1)
}

/// The marks under the picture, one for each power of ten.
pub(crate) fn ticks() -> Vec<Value> {
    [("10 µs", 10), ("100 µs", 100), ("1 ms", 1_000), ("10 ms", 10_000), ("100 ms", 100_000), ("1 s", 1_000_000)]
        .map(|(label, micros)| context! { label, x => place(Duration::from_micros(micros)) })
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_calls_themselves() {
        let times = Latencies::new((1..=200).rev().map(Duration::from_millis).collect());
        assert_eq!(times.percentile(50), Duration::from_millis(100));
        assert_eq!(times.percentile(99), Duration::from_millis(198));
        assert_eq!(Latencies::new(vec![Duration::from_secs(3)]).percentile(99), Duration::from_secs(3));
        assert_eq!(Latencies::new(Vec::new()).percentile(50), Duration::ZERO);
    }

    #[test]
    fn every_time_has_a_place_in_the_picture() {
        for time in [Duration::ZERO, Duration::from_micros(1), Duration::from_secs(1), Duration::MAX] {
            assert!((0.0..WIDTH).contains(&place(time)), "{time:?}");
            assert!(Latencies::new(vec![time]).outline().contains("V0.0"), "{time:?}");
        }
        assert!(place(Duration::from_micros(2)) < place(Duration::from_millis(1)));
    }
}
