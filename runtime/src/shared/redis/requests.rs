//! Long lists become several requests, which are sent one after the other: none of them holds the connection up for long, and each has the
//! deadline of an operation, so that a list may take as much longer as it is longer.

use redis::{Arg, Cmd, Pipeline};

/// How many calls one request has.
const MOST: usize = 256;

/// The calls in requests, each of which has so many bytes at most, unless it is one call alone; none if they are one request.
pub(super) fn split(calls: &Pipeline, room: usize) -> Option<Vec<Pipeline>> {
    if calls.len() == 1 || calls.len() <= MOST && calls.cmd_iter().map(size).sum::<usize>() <= room {
        return None;
    }
    let mut requests: Vec<Pipeline> = Vec::new();
    let (mut count, mut bytes) = (0, 0);
    for call in calls.cmd_iter() {
        let size = size(call);
        if let Some(request) = requests.last_mut().filter(|_| count < MOST && bytes + size <= room) {
            request.add_command(call.clone());
            (count, bytes) = (count + 1, bytes + size);
        } else {
            let mut request = Pipeline::new();
            request.add_command(call.clone());
            requests.push(request);
            (count, bytes) = (1, size);
        }
    }
    Some(requests)
}

/// How many bytes its arguments have.
pub(super) fn size(call: &Cmd) -> usize {
    let sizes = call.args_iter().map(|argument| if let Arg::Simple(bytes) = argument { bytes.len() } else { 0 });
    sizes.sum()
}

#[cfg(test)]
mod tests {
    use redis::Pipeline;

    use super::split;

    fn sizes(lengths: &[usize]) -> Option<Vec<usize>> {
        let mut calls = Pipeline::new();
        for length in lengths {
            calls.cmd("SET").arg("x".repeat(*length));
        }
        split(&calls, 1 << 20).map(|requests| requests.iter().map(Pipeline::len).collect())
    }

    #[test]
    fn a_request_has_so_many_calls_and_bytes_at_most() {
        assert_eq!(sizes(&[]), None);
        assert_eq!(sizes(&[1; 256]), None);
        assert_eq!(sizes(&[1; 513]), Some(vec![256, 256, 1]));
        assert_eq!(sizes(&[1_000_000]), None);
        assert_eq!(sizes(&[8 << 20, 1, 600_000, 600_000]), Some(vec![1, 2, 1]));
    }
}
