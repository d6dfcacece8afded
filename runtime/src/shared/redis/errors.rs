//! What went wrong in Redis, as an error of the store; and what that says about the connection.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::shared::store::{StoreError, StoreErrorKind};

/// What an answer says about the connection it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It works.
    Sound,
    /// It is gone, or of no use: another one is needed.
    Useless,
}

/// Codes of answers that say: not now, nothing has happened.
const NOT_NOW: [&str; 7] = ["LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "ASK", "NOREPLICAS"];

/// Codes that older servers hide in the text of an error, where a script ran into them.
const HIDDEN: [&str; 8] = ["OOM", "READONLY", "NOPERM", "MISCONF", "WRONGTYPE", "LOADING", "MASTERDOWN", "NOREPLICAS"];

pub(super) fn of(error: RedisError) -> StoreError {
    let (kind, message) = match code(&error) {
        Some(code) => of_server(code, without_echo(error.detail().unwrap_or_default())),
        None => of_client(&error),
    };
    let told = StoreError::new(kind, message);
    if error.detail().is_some_and(|detail| detail.contains(ECHO)) {
        return told;
    }
    told.with_source(error)
}

/// What has happened, for people.
pub(super) fn reason(error: &RedisError) -> String {
    match (error.code(), error.detail()) {
        // Its own text is about the command by which clients say who they are.
        (Some("NOAUTH"), _) => format!("NOAUTH it asks for a password{}", advice("NOAUTH")),
        (Some(code), Some(detail)) => format!("{code} {}{}", without_echo(detail), advice(code)),
        _ if error.kind() == ErrorKind::Parse => {
            "what answers there does not speak as redis does; is it another service's port?".to_owned()
        }
        _ if error.kind() == ErrorKind::AuthenticationFailed => format!("{error}{}", advice("WRONGPASS")),
        _ => error.to_string(),
    }
}

/// Behind this text a server repeats the arguments of a command that it does not know: a password, keys, values.
const ECHO: &str = ", with args beginning with";

fn without_echo(detail: &str) -> &str {
    detail.split_once(ECHO).map_or(detail, |(told, _)| told)
}

/// The code of an answer of the server; none if there was no answer.
pub(super) fn code(error: &RedisError) -> Option<&str> {
    let code = error.code()?;
    if code != "ERR" {
        return Some(code);
    }
    let detail = error.detail().unwrap_or_default();
    let words = |detail: &str, code: &str| detail.split([' ', '-', '@']).any(|word| word == code);
    HIDDEN.iter().find(|code| detail.contains("script") && words(detail, code)).copied().or(Some("ERR"))
}

fn of_server(code: &str, detail: &str) -> (StoreErrorKind, String) {
    let kind = if NOT_NOW.contains(&code) { StoreErrorKind::Unavailable } else { StoreErrorKind::Refused };
    (kind, format!("redis refused it: {code} {detail}{}", advice(code)))
}

/// What to do about an answer with this code.
fn advice(code: &str) -> &'static str {
    match code {
        "OOM" => "; raise `maxmemory`, or choose a `maxmemory-policy` that evicts, such as `allkeys-lfu`",
        "READONLY" => "; it is a replica, and writes go to its primary",
        "NOPERM" => "; give the user the right to it",
        "NOAUTH" | "WRONGPASS" => "; write the right user and password into the URL",
        "MOVED" | "CROSSSLOT" => "; it is part of a cluster, whose URL begins with `redis-cluster://`",
        _ => "",
    }
}

/// Whether a greeting of TLS was not answered, or with something else: redis waits for the end of a line.
pub(super) fn is_no_tls(error: &RedisError) -> bool {
    error.is_timeout() || error.to_string().contains("InvalidContentType")
}

fn of_client(error: &RedisError) -> (StoreErrorKind, String) {
    match error.kind() {
        ErrorKind::Io | ErrorKind::Parse => {
            (StoreErrorKind::TimedOut, format!("the connection to redis was lost before an answer came: {error}"))
        }
        ErrorKind::ClusterConnectionNotFound
        | ErrorKind::MasterNameNotFoundBySentinel
        | ErrorKind::NoValidReplicasFoundBySentinel => {
            (StoreErrorKind::Unavailable, format!("redis can't be reached: {error}"))
        }
        _ => (StoreErrorKind::Refused, format!("redis can't be used: {error}")),
    }
}

/// Whether the connection is still of use after this error. In a cluster, single nodes are its own business.
pub(super) fn verdict(error: &RedisError, cluster: bool) -> Verdict {
    let lost = matches!(error.kind(), ErrorKind::Io | ErrorKind::Parse);
    let useless = match code(error) {
        Some("NOAUTH" | "WRONGPASS") => true,
        // The old primary goes on answering after a failover: the name has to be resolved anew.
        Some("READONLY") => !cluster,
        _ => lost && !cluster,
    };
    if useless { Verdict::Useless } else { Verdict::Sound }
}

/// Whether there is something under the key that is no text.
pub(super) fn is_of_another_kind(error: &RedisError) -> bool {
    code(error) == Some("WRONGTYPE")
}

/// Whether the script has to be sent in full.
pub(super) fn is_unknown_script(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}

/// Whether the server, or the user's rights, know no third version of the protocol.
pub(super) fn is_older_protocol(error: &RedisError) -> bool {
    let detail = error.detail().unwrap_or_default().to_ascii_lowercase();
    match error.kind() {
        ErrorKind::RESP3NotSupported => true,
        ErrorKind::Server(ServerErrorKind::ResponseError) => detail.contains("unknown command"),
        _ => matches!(error.code(), Some("NOPROTO")) || error.code() == Some("NOPERM") && detail.contains("hello"),
    }
}

/// The same error for another who waited for the same answer.
pub(super) fn copy(error: &StoreError) -> StoreError {
    StoreError::new(error.kind(), error.to_string())
}

pub(super) fn unavailable(why: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, format!("redis is out of reach: {why}"))
}

pub(super) fn timed_out() -> StoreError {
    StoreError::new(StoreErrorKind::TimedOut, "redis did not answer within the deadline")
}

pub(super) fn untold() -> StoreError {
    StoreError::new(
        StoreErrorKind::Untold,
        "redis has done it, but its user may not publish: give it the right to the channel (`&<namespace>:inv`)",
    )
}

/// An answer that no server gives.
pub(super) fn strange(what: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Refused, format!("redis gave {what}, which larder does not understand"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use redis::RedisError;

    use super::{Verdict, code, is_older_protocol, of, reason, verdict};
    use crate::shared::store::StoreErrorKind::{self, Refused, TimedOut, Unavailable};

    fn said(line: &str) -> RedisError {
        let answer = redis::parse_redis_value(format!("-{line}\r\n").as_bytes()).unwrap();
        answer.extract_error().unwrap_err()
    }

    #[test]
    fn answers_become_kinds() {
        let cases: [(&str, StoreErrorKind, Verdict); 11] = [
            ("OOM command not allowed when used memory > 'maxmemory'.", Refused, Verdict::Sound),
            ("READONLY You can't write against a read only replica.", Refused, Verdict::Useless),
            ("LOADING Redis is loading the dataset in memory", Unavailable, Verdict::Sound),
            ("MASTERDOWN Link with MASTER is down", Unavailable, Verdict::Sound),
            ("CLUSTERDOWN The cluster is down", Unavailable, Verdict::Sound),
            ("NOAUTH Authentication required.", Refused, Verdict::Useless),
            ("WRONGPASS invalid username-password pair or user is disabled.", Refused, Verdict::Useless),
            ("NOPERM this user has no permissions to run the 'get' command", Refused, Verdict::Sound),
            ("WRONGTYPE Operation against a key", Refused, Verdict::Sound),
            ("MOVED 3999 127.0.0.1:6381", Refused, Verdict::Sound),
            ("ERR Error running script (call to f_1): @user_script:5: -OOM command", Refused, Verdict::Sound),
        ];
        for (line, kind, expected) in cases {
            assert_eq!(of(said(line)).kind(), kind, "{line}");
            assert_eq!(verdict(&said(line), false), expected, "{line}");
        }
        assert_eq!(code(&said("ERR Error running script: @user_script: 5: -READONLY You can't")), Some("READONLY"));
        assert_eq!(code(&said("ERR syntax error")), Some("ERR"));
    }

    #[test]
    fn what_is_no_redis_is_named_so() {
        let error = redis::parse_redis_value(b"HTTP/1.1 400 Bad Request\r\n").unwrap_err();
        let text = reason(&error);
        assert!(text.contains("is it another service's port?") && !text.contains('\n'), "{text}");
    }

    #[test]
    fn what_a_server_repeats_is_told_to_nobody() {
        let error = said("ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'shop' 'secret' ");
        assert_eq!(reason(&error), "ERR unknown command 'HELLO'");
        let error = of(error);
        let mut texts = vec![error.to_string(), format!("{error:?}")];
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            texts.push(error.to_string());
            source = error.source();
        }
        assert!(texts.iter().all(|text| !text.contains("secret")), "{texts:?}");
    }

    #[test]
    fn a_lost_connection_may_have_done_it() {
        let lost = RedisError::from(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
        assert_eq!(verdict(&lost, false), Verdict::Useless);
        assert_eq!(verdict(&lost, true), Verdict::Sound);
        assert_eq!(of(lost).kind(), TimedOut);
    }

    #[test]
    fn servers_without_hello_are_known() {
        assert!(is_older_protocol(&said("ERR unknown command 'HELLO', with args beginning with: '3'")));
        assert!(is_older_protocol(&said("NOPROTO unsupported protocol version")));
        assert!(is_older_protocol(&said("NOPERM this user has no permissions to run the 'hello' command")));
        assert!(!is_older_protocol(&said("WRONGPASS invalid username-password pair")));
        assert!(!is_older_protocol(&said("LOADING Redis is loading the dataset in memory")));
    }
}
