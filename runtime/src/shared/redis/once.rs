//! What a cluster must not be asked for twice: an addition, say, would count twice. Its client sends a command again whose answer was lost,
//! so that such commands go through one that never does. Here they are sent again after an answer by which nothing has happened.

use std::time::Duration;

use redis::aio::ConnectionLike as _;
use redis::cluster_async::ClusterConnection;
use redis::{Cmd, ErrorKind, RedisError};

use super::connection::{Reply, checked};
use super::errors;
use super::thread::pause;

/// How often a command is sent again, within the deadline of its operation.
const RETRIES: u32 = 4;

/// How long a cluster has time to agree on who has a slot: twice as long each time.
const FIRST: Duration = Duration::from_millis(5);

/// Answers of a node that has done nothing, and that another node, or the same one a little later, may well do.
const ELSEWHERE_OR_LATER: [&str; 7] = ["MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN", "LOADING", "MASTERDOWN", "READONLY"];

pub(super) async fn send(mut nodes: ClusterConnection, command: &Cmd) -> Reply {
    let mut tries = 0;
    loop {
        match checked(nodes.req_packed_command(command).await) {
            Err(error) if tries < RETRIES && has_not_happened(&error) => {
                // The client has begun to ask who has which slot.
                pause(FIRST.saturating_mul(1 << tries)).await;
                tries += 1;
            }
            reply => return reply,
        }
    }
}

fn has_not_happened(error: &RedisError) -> bool {
    match errors::code(error) {
        Some(code) => ELSEWHERE_OR_LATER.contains(&code),
        None => error.kind() == ErrorKind::ClusterConnectionNotFound,
    }
}
