//! A URL becomes settings. No error repeats a part of it in which a password could stand.
//!
//! ```text
//! url   = ( "redis" | "rediss" ) "://" [ login "@" ] host [ "/" database ] [ query ]
//!       | "redis+unix://" [ login "@" ] path [ query ]
//!       | ( "redis-cluster" | "rediss-cluster" ) "://" [ login "@" ] host { "," host } [ query ]
//!       | ( "redis-sentinel" | "rediss-sentinel" ) "://" [ login "@" ] host { "," host } "/" service [ "/" database ] [ query ]
//! login = [ user ] ":" password
//! host  = ( name | IPv4 | "[" IPv6 "]" ) [ ":" port ]
//! ```

use std::path::PathBuf;
use std::time::Duration;

use super::settings::{CONNECT_TIMEOUT, Host, Login, Place, Protocol, Secret, Settings, Tls};
use crate::error::{Error, ErrorKind};

const SCHEMES: &str = "`redis://`, `rediss://` (TLS), `redis+unix:///path`, `redis-cluster://`, `rediss-cluster://`, \
                       `redis-sentinel://` or `rediss-sentinel://`";

const SERVER_PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;

pub(super) fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration, "url", "redis", message)
}

pub(super) fn parse(url: &str) -> Result<Settings, Error> {
    let (scheme, rest) = url.split_once("://").ok_or_else(|| wrong(format!("it has no scheme; write {SCHEMES}")))?;
    let (kind, tls) = match scheme {
        "redis" => (Kind::Server, false),
        "rediss" => (Kind::Server, true),
        "redis+unix" => (Kind::Socket, false),
        "redis-cluster" => (Kind::Cluster, false),
        "rediss-cluster" => (Kind::Cluster, true),
        "redis-sentinel" => (Kind::Sentinel, false),
        "rediss-sentinel" => (Kind::Sentinel, true),
        _ => return Err(wrong(format!("its scheme is none of Redis; write {SCHEMES}"))),
    };
    if tls && cfg!(not(feature = "redis-tls")) {
        return Err(wrong("this build has no TLS; turn on the feature `redis-tls` of larder"));
    }
    if rest.contains('#') {
        return Err(wrong("it has a part behind `#`, which means nothing; write `%23` for a `#` in a password"));
    }
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (login, hosts) = match authority.rsplit_once('@') {
        Some((login, hosts)) => (self::login(login)?, hosts),
        None => (Login::default(), authority),
    };
    let (place, database) = place(kind, hosts, path)?;
    let settings = Settings {
        place,
        login,
        sentinel_login: Login::default(),
        database,
        protocol: Protocol::Any,
        tls: tls.then(Tls::default),
        deadline: None,
        connect_timeout: CONNECT_TIMEOUT,
    };
    self::query(settings, kind, query)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Server,
    Socket,
    Cluster,
    Sentinel,
}

fn login(text: &str) -> Result<Login, Error> {
    let Some((user, password)) = text.split_once(':') else {
        return Err(wrong(
            "there is no password before the `@`; write `user:password@`, or `:password@` without a user",
        ));
    };
    let user = decoded(user, "the user")?;
    let password = Secret(decoded(password, "the password")?);
    if password.0.is_empty() {
        return Err(wrong("the password before the `@` is empty; leave out the login, or write one"));
    }
    Ok(Login { user: Some(user).filter(|user| !user.is_empty()), password: Some(password) })
}

fn place(kind: Kind, hosts: &str, path: &str) -> Result<(Place, i64), Error> {
    let path = path.trim_end_matches('/');
    match kind {
        Kind::Server => match self::hosts(hosts, SERVER_PORT)?.as_slice() {
            [host] => Ok((Place::Server(host.clone()), database(path)?)),
            _ => Err(wrong("it names several servers; write `redis-cluster://` for those of a cluster")),
        },
        Kind::Socket if !hosts.is_empty() => {
            Err(wrong("a socket has no host; write three slashes: `redis+unix:///run/redis.sock`"))
        }
        Kind::Socket if path.is_empty() => Err(wrong("it has no path; write `redis+unix:///run/redis.sock`")),
        Kind::Socket => Ok((Place::Socket(PathBuf::from(format!("/{}", decoded(path, "the path")?))), 0)),
        Kind::Cluster => match path {
            "" | "0" => Ok((Place::Cluster(self::hosts(hosts, SERVER_PORT)?), 0)),
            _ => Err(wrong("a cluster has the database 0 alone")),
        },
        Kind::Sentinel => {
            let (service, number) = path.split_once('/').unwrap_or((path, ""));
            if service.is_empty() {
                return Err(wrong("it does not name the service; write `redis-sentinel://host:26379/service`"));
            }
            let service = decoded(service, "the service")?;
            Ok((Place::Sentinel(self::hosts(hosts, SENTINEL_PORT)?, service), database(number)?))
        }
    }
}

fn hosts(text: &str, port: u16) -> Result<Vec<Host>, Error> {
    text.split(',').map(|text| host(text.trim(), port)).collect()
}

fn host(text: &str, default: u16) -> Result<Host, Error> {
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (name, port) = rest.split_once(']').ok_or_else(|| wrong("a `[` before a host has no `]`"))?;
            (name, port.strip_prefix(':').or(port.is_empty().then_some("")))
        }
        None => match text.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, Some("")),
        },
    };
    let port = match port {
        Some("") => Some(default),
        Some(port) => port.parse().ok().filter(|port| *port != 0),
        None => None,
    };
    let port = port.ok_or_else(|| wrong("what follows the `:` of a host is no port (1 to 65535)"))?;
    let name = decoded(name, "a host")?;
    if name.is_empty() || name == "0.0.0.0" || name == "::" {
        return Err(wrong("a host is missing; write for instance `redis://localhost:6379`"));
    }
    Ok(Host { name, port })
}

fn database(text: &str) -> Result<i64, Error> {
    if text.is_empty() {
        return Ok(0);
    }
    match text.parse::<u32>() {
        Ok(number) => Ok(i64::from(number)),
        Err(_) => Err(wrong("what follows the last `/` is no number of a database")),
    }
}

fn query(mut settings: Settings, kind: Kind, query: &str) -> Result<Settings, Error> {
    const KNOWN: &str = "`db`, `protocol`, `deadline`, `connect_timeout`, `ca`, `cert`, `key`, `sentinel_user` and \
                         `sentinel_password`";
    let (mut root, mut certificate, mut secret) = (None, None, None);
    for setting in query.split('&').filter(|setting| !setting.is_empty()) {
        let (name, value) = setting.split_once('=').ok_or_else(|| wrong("a setting is written `name=value`"))?;
        match name {
            "db" if kind != Kind::Cluster || value == "0" => settings.database = database(value)?,
            "db" => return Err(wrong("a cluster has the database 0 alone")),
            "protocol" => settings.protocol = protocol(value)?,
            "deadline" => settings.deadline = Some(duration("deadline", value)?),
            "connect_timeout" => settings.connect_timeout = duration("connect_timeout", value)?,
            "ca" => root = Some(file("ca", value)?),
            "cert" => certificate = Some(file("cert", value)?),
            "key" => secret = Some(file("key", value)?),
            "sentinel_user" if kind == Kind::Sentinel => {
                settings.sentinel_login.user = Some(decoded(value, "the sentinels' user")?);
            }
            "sentinel_password" if kind == Kind::Sentinel => {
                settings.sentinel_login.password = Some(Secret(decoded(value, "the sentinels' password")?));
            }
            "sentinel_user" | "sentinel_password" => {
                return Err(wrong(format!("`{name}` is a setting of `redis-sentinel://` alone")));
            }
            // A name that is not known could be a part of a password.
            _ => return Err(wrong(format!("it has a setting that is none of {KNOWN}"))),
        }
    }
    if let Some(root) = root {
        settings.trust(root)?;
    }
    match (certificate, secret) {
        (Some(certificate), Some(key)) => settings.show(certificate, key)?,
        (None, None) => {}
        _ => return Err(wrong("`cert` and `key` go together: the client's certificate, and its key")),
    }
    Ok(settings)
}

/// What is in a file that a setting names.
fn file(name: &str, value: &str) -> Result<Vec<u8>, Error> {
    let path = decoded(value, "a path")?;
    std::fs::read(path).map_err(|error| wrong(format!("the file that `{name}` names can't be read")).with_source(error))
}

fn protocol(value: &str) -> Result<Protocol, Error> {
    match value {
        "2" | "resp2" => Ok(Protocol::Second),
        "3" | "resp3" => Ok(Protocol::Third),
        _ => Err(wrong("`protocol` is neither `2` nor `3`")),
    }
}

/// Milliseconds with `ms`, else seconds.
fn duration(name: &str, value: &str) -> Result<Duration, Error> {
    let (number, unit) = match value.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (value.strip_suffix('s').unwrap_or(value), 1.0),
    };
    let seconds = number.parse::<f64>().ok().map(|number| number * unit);
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    match duration.filter(|duration| !duration.is_zero()) {
        Some(duration) => Ok(duration),
        None => Err(wrong(format!("`{name}` is no time; write for instance `{name}=150ms`"))),
    }
}

fn decoded(text: &str, what: &str) -> Result<String, Error> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (digit(rest.next()), digit(rest.next())) {
            (Some(high), Some(low)) => bytes.push(u8::try_from(high * 16 + low).unwrap_or_default()),
            _ => return Err(wrong(format!("{what} has a `%` without two hexadecimal digits; write `%25` for a `%`"))),
        }
    }
    String::from_utf8(bytes).map_err(|_| wrong(format!("{what} is not valid Unicode")))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use std::time::Duration;

    use super::parse;
    use crate::error::ErrorKind;
    use crate::shared::redis::settings::{Host, Place, Protocol, Secret};

    fn host(name: &str, port: u16) -> Host {
        Host { name: name.to_owned(), port }
    }

    #[test]
    fn every_kind_of_place_is_understood() {
        let place = |url: &str| parse(url).map(|settings| (settings.place, settings.database)).unwrap();
        assert_eq!(place("redis://localhost"), (Place::Server(host("localhost", 6379)), 0));
        assert_eq!(place("redis://10.0.0.1:7000/3"), (Place::Server(host("10.0.0.1", 7000)), 3));
        assert_eq!(place("redis://[::1]:7000/?db=4"), (Place::Server(host("::1", 7000)), 4));
        assert_eq!(place("redis://[fe80::1]"), (Place::Server(host("fe80::1", 6379)), 0));
        assert_eq!(place("redis+unix:///run/a%20b.sock?db=1"), (Place::Socket("/run/a b.sock".into()), 1));
        let nodes = vec![host("a", 6379), host("b", 7001), host("::1", 7002)];
        assert_eq!(place("redis-cluster://a,b:7001,[::1]:7002"), (Place::Cluster(nodes), 0));
        let sentinels = vec![host("h1", 26379), host("h2", 1)];
        assert_eq!(place("redis-sentinel://h1,h2:1/main/2"), (Place::Sentinel(sentinels, "main".to_owned()), 2));
    }

    #[test]
    fn logins_and_settings_are_understood() {
        let settings = parse("redis://us%40er:p%3a%2f%23@h/?protocol=2&deadline=80ms&connect_timeout=1.5").unwrap();
        assert_eq!(settings.login.user.as_deref(), Some("us@er"));
        assert_eq!(settings.login.password, Some(Secret("p:/#".to_owned())));
        assert_eq!(settings.protocol, Protocol::Second);
        assert_eq!(settings.deadline, Some(Duration::from_millis(80)));
        assert_eq!(settings.connect_timeout, Duration::from_millis(1_500));
        let settings = parse("redis-sentinel://:in@h/s?sentinel_user=u&sentinel_password=out").unwrap();
        assert_eq!((settings.login.user, settings.login.password), (None, Some(Secret("in".to_owned()))));
        assert_eq!(settings.sentinel_login.user.as_deref(), Some("u"));
        assert_eq!(settings.sentinel_login.password, Some(Secret("out".to_owned())));
        assert_eq!(parse("redis://h?protocol=3").unwrap().protocol, Protocol::Third);
    }

    #[test]
    fn what_cannot_be_used_is_refused_without_a_secret_in_the_text() {
        let urls = [
            "localhost:6379",
            "memcached://hunter2",
            "redis://",
            "redis://:hunter2@",
            "redis://hunter2@host",
            "redis://user:@host",
            "redis://:hunter2@host:notaport",
            "redis://:hunter2@host:0",
            "redis://:hunter2@host:70000",
            "redis://:hunter2@a,b",
            "redis://:hunter2@[::1",
            "redis://:hunter2@[::1]x",
            "redis://:hunter2@host/hunter2",
            "redis://:hunter2@host/-1",
            "redis://:hunter2@host#insecure",
            "redis://:hunter2#@host",
            "redis://:hunter2%@host",
            "redis://:hunter2%ff@host",
            "redis://:hunter2@host?protocol=4",
            "redis://:hunter2@host?deadline=soon",
            "redis://:hunter2@host?deadline=0",
            "redis://:hunter2@host?deadline=-1",
            "redis://:hunter2@host?hunter2=1",
            "redis://:hunter2@host?hunter2",
            "redis://:hunter2@host?sentinel_password=hunter2",
            "redis://:hunter2@0.0.0.0",
            "redis+unix://host/run/redis.sock",
            "redis+unix://",
            "redis-cluster://a/3",
            "redis-cluster://a?db=3",
            "redis-sentinel://a",
            "redis-sentinel://a/",
            "redis-sentinel://a/main/x",
        ];
        for url in urls {
            let error = parse(url).expect_err(url);
            assert_eq!(error.kind(), ErrorKind::Configuration, "{url}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{url}: {error}");
        }
    }

    #[test]
    fn settings_do_not_show_secrets() {
        let settings = parse("redis-sentinel://user:hunter2@h/s?sentinel_password=hunter2").unwrap();
        let shown = format!("{settings:?}");
        assert!(!shown.contains("hunter2") && shown.contains("user"), "{shown}");
    }

    #[cfg(not(feature = "redis-tls"))]
    #[test]
    fn tls_needs_its_feature() {
        for url in ["rediss://h", "rediss-cluster://h", "rediss-sentinel://h/s"] {
            assert!(parse(url).unwrap_err().to_string().contains("redis-tls"), "{url}");
        }
    }

    #[cfg(feature = "redis-tls")]
    #[test]
    fn tls_is_asked_for_by_the_scheme() {
        for (url, tls) in [("rediss://h", true), ("rediss-cluster://h", true), ("redis://h", false)] {
            assert_eq!(parse(url).unwrap().tls.is_some(), tls, "{url}");
        }
    }
}
