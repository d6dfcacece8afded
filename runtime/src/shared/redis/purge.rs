//! Gives memory back: every key of a namespace is looked for and removed, on every primary.

use redis::cluster_routing::{RoutingInfo, SingleNodeRoutingInfo};
use redis::{Cmd, Value};
use tokio::time::timeout;

use super::connection::{Connection, Reply};
use super::link::Link;
use super::settings::Host;
use super::{cluster, errors, keys};
use crate::shared::names::belongs;
use crate::shared::store::StoreError;

/// How many keys a server looks at before it does something else.
const STEP: usize = 1_000;

/// How many there were. Each step has the deadline of an operation; there are as many as the store is large.
pub(super) async fn purge(link: &Link, namespace: &str) -> Result<u64, StoreError> {
    let (_, connection) = link.connection()?;
    let Connection::Cluster(nodes, _) = connection else { return scan(link, namespace, None).await };
    let primaries = timeout(link.deadline, cluster::primaries(nodes)).await.map_err(|_| errors::timed_out())?;
    let mut removed = 0;
    for primary in primaries.map_err(errors::of)? {
        removed += scan(link, namespace, Some(&primary)).await?;
    }
    Ok(removed)
}

async fn scan(link: &Link, namespace: &str, node: Option<&Host>) -> Result<u64, StoreError> {
    let pattern = format!("{}:*", escaped(namespace));
    // Leases and holds end by themselves, and nobody else ends a hold.
    let goes = |key: &str| belongs(key, namespace) && !keys::is_lease(key);
    let goes = |key: &[u8]| std::str::from_utf8(key).is_ok_and(goes);
    // Not a generation, nor what stands beside a value.
    let is_value = |key: &[u8]| {
        let kind = key.get(namespace.len() + 1).copied();
        kind == Some(b'v') && key.ends_with(b"}")
    };
    let mut removed = 0;
    let mut cursor = b"0".to_vec();
    loop {
        let mut command = redis::cmd("SCAN");
        command.arg(&cursor).arg("MATCH").arg(&pattern).arg("COUNT").arg(STEP);
        let Value::Array(answer) = one(link, async |connection| at(connection, command, node).await).await? else {
            return Err(errors::strange("no list of keys"));
        };
        let mut parts = answer.into_iter();
        let (Some(Value::BulkString(next)), Some(Value::Array(keys))) = (parts.next(), parts.next()) else {
            return Err(errors::strange("no list of keys"));
        };
        let keys = keys.into_iter().filter_map(|key| match key {
            Value::BulkString(key) if goes(&key) => Some(key),
            _ => None,
        });
        let keys: Vec<Vec<u8>> = keys.collect();
        if !keys.is_empty() {
            let values = keys.iter().filter(|key| is_value(key)).count();
            let mut command = redis::cmd("UNLINK");
            command.arg(keys);
            one(link, async |connection| connection.ask(&command).await).await?;
            removed += u64::try_from(values).unwrap_or(0);
        }
        if next == b"0" {
            return Ok(removed);
        }
        cursor = next;
    }
}

async fn one(link: &Link, work: impl AsyncFnOnce(Connection) -> Reply) -> Result<Value, StoreError> {
    let mut replies = link.perform(async |connection| vec![work(connection).await]).await?;
    replies.pop().ok_or_else(|| errors::strange("no answer"))?.map_err(errors::of)
}

/// Asks this node of a cluster, or the one server there is.
async fn at(connection: Connection, command: Cmd, node: Option<&Host>) -> Reply {
    match (connection, node) {
        (Connection::Cluster(mut cluster, _), Some(node)) => {
            let node = SingleNodeRoutingInfo::ByAddress { host: node.name.clone(), port: node.port };
            cluster.route_command(command, RoutingInfo::SingleNode(node)).await.and_then(Value::extract_error)
        }
        (connection, _) => connection.ask(&command).await,
    }
}

/// The text as a pattern that means nothing else.
fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if matches!(character, '*' | '?' | '[' | ']' | '\\' | '^' | '-') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_text_means_itself() {
        assert_eq!(escaped("shop:v1:{a}"), "shop:v1:{a}");
        assert_eq!(escaped(r"a*b?[c]\^-"), r"a\*b\?\[c\]\\\^\-");
    }
}
