//! Time: the only place that reads a clock. A moment is a number of nanoseconds since the clock's start, [`NEVER`] is
//! the end of time, and a [`Clock`] is either the system's or one that a test moves by hand.

use std::fmt;
use std::future::{Future, pending};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
#[cfg(feature = "shared")]
use std::sync::{Mutex, PoisonError, Weak};
use std::time::Duration;
#[cfg(not(target_os = "linux"))]
use std::time::Instant;

use event_listener::Event;

/// The moment that never comes: 584 years after the clock's start.
pub(crate) const NEVER: u64 = u64::MAX;

/// The longest wait handed to a timer; a wait that ends early is looked at again by its caller.
const LONGEST_TIMER: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A duration in nanoseconds; what does not fit (584 years and more) is [`NEVER`].
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(NEVER)
}

/// When a clock that a test moves starts, for people: a Sunday in 2001.
#[cfg(feature = "http")]
const MANUAL_EPOCH: u64 = 1_000_000_000_000;

/// The time of day in milliseconds since 1970, for people: nothing depends on it but ages of responses.
#[cfg(any(feature = "shared", feature = "http"))]
pub(crate) fn unix_millis() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// What a cache takes for the current time: the system's monotonic clock, or a [`ManualClock`].
///
/// The system's clock is the coarse monotonic one where there is one (Linux: a resolution of 1 to 10 ms, usually 4 ms),
/// because a hit reads it once. A timeout is exact to that resolution.
#[derive(Clone, Debug, Default)]
pub struct Clock(Kind);

#[derive(Clone, Debug, Default)]
enum Kind {
    #[default]
    System,
    Manual(ManualClock),
}

impl Clock {
    /// The system's monotonic clock: the default.
    #[must_use]
    pub fn system() -> Self {
        Self(Kind::System)
    }

    /// The current moment, to the clock's resolution.
    #[inline]
    pub(crate) fn now(&self) -> u64 {
        match &self.0 {
            Kind::System => system::coarse(),
            Kind::Manual(manual) => manual.now(),
        }
    }

    /// The current moment as exactly as the system knows it: for measuring how long a load takes.
    pub(crate) fn precise(&self) -> u64 {
        match &self.0 {
            Kind::System => system::precise(),
            Kind::Manual(manual) => manual.now(),
        }
    }

    /// The time of day in milliseconds since 1970. That of a clock that a test moves stands still with it.
    #[cfg(feature = "http")]
    pub(crate) fn unix_millis(&self) -> u64 {
        match &self.0 {
            Kind::System => unix_millis(),
            Kind::Manual(manual) => MANUAL_EPOCH + manual.now() / 1_000_000,
        }
    }

    /// Tells this one whenever the clock is moved; a clock that moves by itself tells nobody.
    #[cfg(feature = "shared")]
    pub(crate) fn follow(&self, follower: Weak<dyn Follower>) {
        if let Kind::Manual(manual) = &self.0 {
            manual.follow(follower);
        }
    }

    pub(crate) fn is_manual(&self) -> bool {
        matches!(self.0, Kind::Manual(_))
    }

    /// Ends when the moment has come. Needs no runtime: one helper thread of the process serves all timers.
    pub(crate) async fn wait_until(&self, deadline: u64) {
        if deadline == NEVER {
            return pending().await;
        }
        match &self.0 {
            Kind::System => loop {
                let left = Duration::from_nanos(deadline.saturating_sub(system::precise()));
                if left.is_zero() {
                    return;
                }
                futures_timer::Delay::new(left.min(LONGEST_TIMER)).await;
            },
            Kind::Manual(manual) => manual.wait_until(deadline).await,
        }
    }
}

impl From<ManualClock> for Clock {
    fn from(clock: ManualClock) -> Self {
        Self(Kind::Manual(clock))
    }
}

/// A clock that stands still until a test moves it. Clones are the same clock.
///
/// Everything that a cache with this clock does by time goes by it: timeouts, and also how long a call waits. A
/// `soft_timeout`, the longest wait for another caller's load and the time that [`shutdown`](crate::Cache::shutdown) is
/// given end when the test has advanced the clock so far, and not before: a call that nothing else ends waits until then.
/// A load takes no time by a clock that stands still: [`load_time`](crate::Stats::load_time) and
/// [`time_saved`](crate::Stats::time_saved) are 0, unless the clock is advanced while a body runs.
///
/// ```
/// use std::time::Duration;
/// use larder::{Cache, testing::ManualClock};
///
/// let clock = ManualClock::new();
/// let cache = Cache::builder().clock(clock.clone()).build_blocking()?;
/// cache.blocking().set("greeting", &"hello", Duration::from_secs(60))?;
/// clock.advance(Duration::from_secs(59));
/// assert!(cache.blocking().contains("greeting"));
/// clock.advance(Duration::from_secs(1));
/// assert!(!cache.blocking().contains("greeting"));
/// # Ok::<(), larder::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct ManualClock(Arc<Manual>);

struct Manual {
    now: AtomicU64,
    moved: Event,
    #[cfg(feature = "shared")]
    followers: Mutex<Vec<Weak<dyn Follower>>>,
}

/// Who acts at once when a manual clock moves, before whoever moves it goes on.
#[cfg(feature = "shared")]
pub(crate) trait Follower: Send + Sync {
    fn moved(&self);
}

impl Default for Manual {
    /// The start is not the beginning of time: moments just before one that a clock shows are moments too.
    fn default() -> Self {
        Self {
            now: AtomicU64::new(1_000_000_000),
            moved: Event::new(),
            #[cfg(feature = "shared")]
            followers: Mutex::default(),
        }
    }
}

impl ManualClock {
    /// A clock that stands at its start.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the clock forward and wakes whoever waits for a moment that has now come.
    pub fn advance(&self, by: Duration) {
        let by = nanos(by);
        // A plain addition could wrap round after 584 years of advancing.
        let _previous = self
            .0
            .now
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |now| Some(now.saturating_add(by).min(NEVER - 1)));
        #[cfg(feature = "shared")]
        self.tell_followers();
        self.0.moved.notify(usize::MAX);
    }

    #[cfg(feature = "shared")]
    fn follow(&self, follower: Weak<dyn Follower>) {
        self.0.followers.lock().unwrap_or_else(PoisonError::into_inner).push(follower);
    }

    /// Followers are called without the lock, since what they do may move the clock.
    #[cfg(feature = "shared")]
    fn tell_followers(&self) {
        let mut followers = self.0.followers.lock().unwrap_or_else(PoisonError::into_inner);
        followers.retain(|follower| follower.strong_count() > 0);
        let present: Vec<_> = followers.iter().filter_map(Weak::upgrade).collect();
        drop(followers);
        for follower in present {
            follower.moved();
        }
    }

    fn now(&self) -> u64 {
        self.0.now.load(Ordering::SeqCst)
    }

    async fn wait_until(&self, deadline: u64) {
        loop {
            let moved = self.0.moved.listen();
            if self.now() >= deadline {
                return;
            }
            moved.await;
        }
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ManualClock").field(&Duration::from_nanos(self.now())).finish()
    }
}

/// Runs a future no longer than until the deadline; `None` when the deadline came first.
pub(crate) async fn until<T>(clock: &Clock, deadline: u64, work: impl Future<Output = T>) -> Option<T> {
    let work = async { Some(work.await) };
    let late = async {
        clock.wait_until(deadline).await;
        None
    };
    futures_lite::future::or(work, late).await
}

mod system {
    //! The system's clocks, in nanoseconds. Both count from the same start, so that their moments compare.

    #[cfg(not(target_os = "linux"))]
    use super::Instant;

    #[cfg(target_os = "linux")]
    fn read(clock: rustix::time::ClockId) -> u64 {
        let now = rustix::time::clock_gettime(clock);
        let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
        let nanos = u64::try_from(now.tv_nsec).unwrap_or(0);
        seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
    }

    #[cfg(target_os = "linux")]
    #[inline]
    pub(super) fn coarse() -> u64 {
        read(rustix::time::ClockId::MonotonicCoarse)
    }

    #[cfg(target_os = "linux")]
    pub(super) fn precise() -> u64 {
        read(rustix::time::ClockId::Monotonic)
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn coarse() -> u64 {
        precise()
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn precise() -> u64 {
        static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        super::nanos(START.get_or_init(Instant::now).elapsed())
    }
}
