//! Hears the notes of one node for as long as the store is open, and vouches for it.

use std::future::pending;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use futures_lite::future::or;
use tokio::sync::{Notify, watch};

use super::backoff::Backoff;
use super::door::{Door, Refusal, Who};
use super::ear::Ear;
use super::errors;
use super::latch::Latch;
use super::link::Link;
use super::subscription::Subscription;
use super::thread::pause;
use super::validity::{VALIDITY, Validity};
use crate::log;

/// How often the store vouches.
const BEAT: Duration = Duration::from_secs(1);

/// One node whose notes are heard.
pub(super) struct Notes {
    /// Its name among those that vouch together.
    pub(super) node: String,
    pub(super) channel: String,
    pub(super) door: Door,
    pub(super) ear: Ear,
    pub(super) validity: Arc<Validity>,
    /// Told when the first attempt to subscribe has ended, in one way or the other.
    pub(super) tried: Arc<Latch>,
    /// The server that commands go to, if it has to be the same one.
    pub(super) server: Option<watch::Receiver<Option<Who>>>,
    /// In a cluster, who has to know when the node is out of reach.
    pub(super) out_of_reach: Option<OutOfReach>,
}

/// The client of a cluster goes on with another node, or with the same in another run, without a word: who listens to a node says it.
pub(super) struct OutOfReach {
    /// Asked again which nodes there are.
    pub(super) ask_again: Arc<Notify>,
    /// Does not believe what is read at this moment.
    pub(super) link: Arc<Link>,
}

impl Notes {
    /// Runs until it is dropped.
    pub(super) async fn hear(mut self) {
        let mut backoff = Backoff::default();
        let (mut forbidden, mut is_out_of_reach) = (false, true);
        loop {
            pause(backoff.next()).await;
            let subscribed = Subscription::new(&mut self.door, &self.channel, &self.ear).await;
            let failed = subscribed.is_err();
            match subscribed {
                Ok((subscription, who)) => {
                    forbidden = false;
                    self.follow(subscription, &who, &mut backoff).await;
                    self.validity.lost(&self.node);
                }
                Err(refusal) => {
                    self.tried.open();
                    let first = !forbidden && is_forbidden(&refusal);
                    forbidden |= first;
                    if first {
                        log::warning(&format!(
                            "redis does not let its user subscribe to `{}`, so nothing is kept in memory in front of it; \
                             give the user the right to the channel and to `subscribe`",
                            self.channel
                        ));
                    }
                }
            }
            if let Some(out_of_reach) = &self.out_of_reach {
                if !mem::replace(&mut is_out_of_reach, failed) || !failed {
                    self.validity.watcher().disconnected();
                    out_of_reach.link.node_lost();
                }
                out_of_reach.ask_again.notify_one();
            }
        }
    }

    async fn follow(&mut self, mut subscription: Subscription, who: &Who, backoff: &mut Backoff) {
        // Whatever was passed on before the subscription began has not been heard.
        self.validity.lost(&self.node);
        self.tried.open();
        let mut answers: u32 = 0;
        loop {
            if self.moved(who) {
                return;
            }
            let asked = self.validity.watcher().now();
            if !subscription.barrier(VALIDITY).await {
                return;
            }
            self.validity.answered(&self.node, asked);
            answers = answers.saturating_add(1);
            if answers == 2 {
                backoff.reset();
            }
            let beat = async {
                pause(BEAT).await;
                true
            };
            let ended = async {
                subscription.ended().await;
                false
            };
            let moved = async {
                if let Some(server) = &mut self.server
                    && server.changed().await.is_ok()
                {
                    return true;
                }
                pending().await
            };
            if !or(ended, or(moved, beat)).await {
                return;
            }
        }
    }

    /// Whether commands go to another server than this one, whose notes would be missed.
    fn moved(&self, who: &Who) -> bool {
        let server = self.server.as_ref().and_then(|server| server.borrow().clone());
        server.is_some_and(|server| !server.may_be(who))
    }
}

fn is_forbidden(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Failed(error) if errors::code(error) == Some("NOPERM"))
}
