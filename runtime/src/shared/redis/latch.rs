//! Something that happens once, for which anybody may wait.

use tokio::sync::watch;

#[derive(Debug)]
pub(super) struct Latch(watch::Sender<bool>);

impl Default for Latch {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Latch {
    pub(super) fn open(&self) {
        self.0.send_replace(true);
    }

    pub(super) async fn wait(&self) {
        // The sender is here, so that there is no other end.
        let mut opened = self.0.subscribe();
        let _opened = opened.wait_for(|open| *open).await;
    }
}
