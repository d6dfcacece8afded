//! How many bytes one request may have: fewer where the way is slow, so that each arrives within the deadline and none holds others up.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::timeout;

use crate::shared::store::{StoreError, StoreErrorKind};

/// At first, and at most.
const MOST: usize = 4 << 20;

/// Less than this is not the reason why something is late.
const LEAST: usize = 64 << 10;

pub(super) struct Room(AtomicUsize);

impl Default for Room {
    fn default() -> Self {
        Self(AtomicUsize::new(MOST))
    }
}

impl Room {
    pub(super) fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Learns from a request; `size` says how many bytes were on their way. One that has not made use of the room does not tell whether
    /// there is more.
    pub(super) async fn learn<T>(
        &self,
        deadline: Duration,
        size: impl FnOnce(&T) -> usize,
        request: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let (room, mut request) = (self.bytes(), pin!(request));
        let (end, soon) = match timeout(deadline / 4, &mut request).await {
            Ok(end) => (end, true),
            Err(_later) => (request.await, false),
        };
        let next = match &end {
            Ok(answer) if soon && size(answer) >= room / 2 => (room * 2).min(MOST),
            Err(error) if error.kind() == StoreErrorKind::TimedOut => (room / 4).max(LEAST),
            _ => room,
        };
        if next != room {
            // Of several that were under way at one time one counts.
            let _changed = self.0.compare_exchange(room, next, Ordering::Relaxed, Ordering::Relaxed);
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::time::Duration;

    use super::{LEAST, MOST, Room};
    use crate::shared::redis::errors;
    use crate::shared::redis::thread::pause;

    #[test]
    #[expect(clippy::unwrap_used, reason = "tests")]
    fn it_is_less_after_what_was_late_and_more_after_what_was_soon() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(learning());
    }

    async fn learning() {
        let room = Room::default();
        let soon = Duration::from_secs(60);
        for expected in [MOST / 4, MOST / 16, LEAST, LEAST] {
            assert!(room.learn(soon, |()| 0, ready(Err(errors::timed_out()))).await.is_err());
            assert_eq!(room.bytes(), expected);
        }
        let slow = async {
            // Its timer is behind the one that tells what is soon.
            pause(Duration::from_millis(20)).await;
            Ok(())
        };
        assert!(room.learn(Duration::from_millis(1), |()| MOST, slow).await.is_ok());
        assert!(room.learn(soon, |()| MOST, ready(Err(errors::unavailable("gone")))).await.is_err());
        for _ in 0..10 {
            assert!(room.learn(soon, |()| LEAST / 2 - 1, ready(Ok(()))).await.is_ok());
        }
        assert_eq!(room.bytes(), LEAST, "it was not made use of");
        for _ in 0..10 {
            assert!(room.learn(soon, |()| MOST / 2, ready(Ok(()))).await.is_ok());
        }
        assert_eq!(room.bytes(), MOST);
    }
}
