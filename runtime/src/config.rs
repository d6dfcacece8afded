//! Configuration from the environment: one URL and a few variables, so that a deployment changes the store without code.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::num::ParseIntError;
use std::time::Duration;

use crate::builder::CacheBuilder;
use crate::cache::Cache;
use crate::error::{Error, ErrorKind};
use crate::log;

impl Cache {
    /// A cache as the environment says. Without any of these variables: memory, with the builder's defaults.
    ///
    /// | variable | value |
    /// |---|---|
    /// | `LARDER_URL` | `memory://`, `memory://?capacity=100000`, `null://` (nothing is cached); with the feature `redis` the URLs of `larder::Redis`: `redis://localhost:6379` (every hit from Redis), and `tiered+redis://localhost:6379` (memory in front of it); `capacity` may follow behind `?` |
    /// | `LARDER_NAMESPACE` | prefix of the keys in a shared tier, `larder` if left out; without a shared tier it changes nothing |
    /// | `LARDER_DEFAULT_TIMEOUT` | seconds (`300`, `1.5`), or with units (`5m`, `1h 30m`), or `never` |
    /// | `LARDER_KEY_VERSION` | a number: part of every key in a shared tier |
    /// | `LARDER` | `off` (or `0`, `false`) turns caching off, as `null://` does: nothing is found, `add` succeeds for everybody; `on` (`1`, `true`) is the default |
    ///
    /// The names that Flask-Caching uses are understood too, where the ones above are not set:
    ///
    /// | variable | is taken for |
    /// |---|---|
    /// | `CACHE_TYPE` | `LARDER_URL`: `SimpleCache` is `memory://`, `NullCache` is `null://`, `RedisCache`, `RedisSentinelCache` and `RedisClusterCache` are what the variables below say, without memory in front (`LARDER_URL=tiered+redis://..` has it) |
    /// | `CACHE_REDIS_URL`, or `CACHE_REDIS_HOST`, `CACHE_REDIS_PORT`, `CACHE_REDIS_PASSWORD`, `CACHE_REDIS_DB` | the server of `RedisCache` |
    /// | `CACHE_REDIS_SENTINELS` (`host:port,host:port`), `CACHE_REDIS_SENTINEL_MASTER`, `CACHE_REDIS_PASSWORD`, `CACHE_REDIS_DB` | those of `RedisSentinelCache` |
    /// | `CACHE_REDIS_CLUSTER` (`host:port,host:port`), `CACHE_REDIS_PASSWORD` | those of `RedisClusterCache` |
    /// | `CACHE_DEFAULT_TIMEOUT` | `LARDER_DEFAULT_TIMEOUT`; `0` is `never`, as there |
    /// | `CACHE_KEY_PREFIX` | `LARDER_NAMESPACE` |
    /// | `CACHE_THRESHOLD` | the capacity |
    ///
    /// # Errors
    ///
    /// When a variable has a value that can't be used; the error names the variable. A store that this build does not
    /// have is such a value. The implicit default cache, which is made without `install`, can't return it: it says so in the log,
    /// and caching is off. `larder::install(Cache::from_env().await?)` in `main` stops the program instead.
    ///
    /// Types that are stored by hand in a shared tier are named between the two steps:
    /// `CacheBuilder::from_env()?.value::<Basket>().build().await?`.
    pub async fn from_env() -> Result<Self, Error> {
        CacheBuilder::from_env()?.build().await
    }

    /// The same for programs that are not async.
    ///
    /// # Errors
    ///
    /// As for [`from_env`](Self::from_env).
    pub fn from_env_blocking() -> Result<Self, Error> {
        CacheBuilder::from_env()?.build_blocking()
    }
}

impl CacheBuilder {
    /// Settings as the environment says: see [`Cache::from_env`]. Settings made on the builder afterwards win.
    ///
    /// # Errors
    ///
    /// As for [`Cache::from_env`].
    pub fn from_env() -> Result<Self, Error> {
        let known = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        let mut variables = Vec::new();
        for (name, value) in known.filter(|(name, _)| name.starts_with("LARDER") || name.starts_with("CACHE_")) {
            match value.into_string() {
                Ok(value) => variables.push((name, value)),
                Err(_) if OURS.contains(&name.as_str()) || FLASKS.contains(&name.as_str()) => {
                    return Err(wrong(&name, "it is not valid Unicode"));
                }
                Err(_) => {}
            }
        }
        Self::from_variables(variables)
    }

    /// The same from variables given by hand. An unknown name that begins with `LARDER_` is an error, since it is a known one
    /// misspelt; all others are passed over.
    ///
    /// ```
    /// use larder::CacheBuilder;
    ///
    /// let builder = CacheBuilder::from_variables([("LARDER_DEFAULT_TIMEOUT", "5m")])?;
    /// let error = CacheBuilder::from_variables([("LARDER_DEFAULT_TIMEOUT", "soon")]).unwrap_err();
    /// assert!(error.to_string().contains("LARDER_DEFAULT_TIMEOUT"));
    /// # Ok::<(), larder::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`Cache::from_env`].
    pub fn from_variables<N, V>(variables: impl IntoIterator<Item = (N, V)>) -> Result<Self, Error>
    where
        N: Into<String>,
        V: Into<String>,
    {
        let variables: HashMap<String, String> =
            variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        if let Some(unknown) =
            variables.keys().find(|name| name.starts_with("LARDER_") && !OURS.contains(&name.as_str()))
        {
            return Err(wrong(unknown, format!("larder has no such variable; it has {}", OURS.join(", "))));
        }
        // An empty variable is an unset one, as everywhere.
        let get = |name: &str| variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
        let either = |ours, flasks| get(ours).map(|value| (ours, value)).or_else(|| get(flasks).map(|v| (flasks, v)));

        let mut builder = Self::default();
        if let Some(threshold) = get("CACHE_THRESHOLD").filter(|_| get("LARDER_URL").is_none()) {
            builder = builder.capacity(capacity("CACHE_THRESHOLD", threshold)?);
        }
        if let Some(url) = get("LARDER_URL") {
            builder = store_of_url(builder, url)?;
        } else if let Some(kind) = get("CACHE_TYPE") {
            builder = store_of_flask(builder, kind, &get)?;
        } else if let Some(name) = FLASKS.iter().find(|name| name.starts_with("CACHE_REDIS_") && get(name).is_some()) {
            log::warning(&format!("`{name}` means nothing without `CACHE_TYPE=RedisCache`, or use `LARDER_URL`"));
        }
        if let Some((_, namespace)) = either("LARDER_NAMESPACE", "CACHE_KEY_PREFIX") {
            builder = builder.namespace(namespace);
        }
        match either("LARDER_DEFAULT_TIMEOUT", "CACHE_DEFAULT_TIMEOUT") {
            Some((name @ "CACHE_DEFAULT_TIMEOUT", value)) => {
                let timeout = if value == "0" { Duration::MAX } else { duration(name, value)? };
                builder = builder.default_timeout(timeout);
            }
            Some((name, value)) => builder = builder.default_timeout(duration(name, value)?),
            None => {}
        }
        if let Some(version) = get("LARDER_KEY_VERSION") {
            let number = version.parse().map_err(|error| not_whole("LARDER_KEY_VERSION", version, error))?;
            builder = builder.key_version(number);
        }
        match get("LARDER").map(str::to_ascii_lowercase).as_deref() {
            Some("off" | "0" | "false") => builder = builder.off(),
            None | Some("on" | "1" | "true") => {}
            Some(other) => return Err(wrong("LARDER", format!("`{other}` is neither `on` nor `off`"))),
        }
        Ok(builder)
    }
}

const OURS: [&str; 5] = ["LARDER", "LARDER_URL", "LARDER_NAMESPACE", "LARDER_DEFAULT_TIMEOUT", "LARDER_KEY_VERSION"];

const FLASKS: [&str; 12] = [
    "CACHE_TYPE",
    "CACHE_DEFAULT_TIMEOUT",
    "CACHE_KEY_PREFIX",
    "CACHE_THRESHOLD",
    "CACHE_REDIS_URL",
    "CACHE_REDIS_HOST",
    "CACHE_REDIS_PORT",
    "CACHE_REDIS_PASSWORD",
    "CACHE_REDIS_DB",
    "CACHE_REDIS_SENTINELS",
    "CACHE_REDIS_SENTINEL_MASTER",
    "CACHE_REDIS_CLUSTER",
];

const STORES: &str = "write `memory://`, `memory://?capacity=100000`, `null://`, `redis://localhost:6379` or \
                      `tiered+redis://localhost:6379`; in place of `redis` also `rediss` (TLS), `redis+unix`, `redis-cluster`, \
                      `rediss-cluster`, `redis-sentinel` or `rediss-sentinel`";

fn wrong(name: &str, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration, "configuration", name, message)
}

/// The text of a URL may hold a password: no error repeats more of it than the scheme.
fn store_of_url(builder: CacheBuilder, url: &str) -> Result<CacheBuilder, Error> {
    const NAME: &str = "LARDER_URL";
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err(wrong(NAME, format!("it has no scheme; {STORES}")));
    };
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    match scheme {
        "memory" | "null" if !place.trim_matches('/').is_empty() => {
            Err(wrong(NAME, format!("`{scheme}://` is followed by nothing but `?` and settings; {STORES}")))
        }
        "memory" => settings_of_query(builder, query),
        "null" if query.is_empty() => Ok(builder.off()),
        "null" => Err(wrong(NAME, "`null://` has no settings")),
        _ if is_redis(scheme.strip_prefix("tiered+").unwrap_or(scheme)) => redis(builder, NAME, url),
        _ if scheme.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'+' | b'-')) => {
            Err(wrong(NAME, format!("larder knows no store `{scheme}://`; {STORES}")))
        }
        _ => Err(wrong(NAME, format!("what stands before `://` is no name of a store; {STORES}"))),
    }
}

fn is_redis(scheme: &str) -> bool {
    matches!(
        scheme,
        "redis" | "rediss" | "redis+unix" | "redis-cluster" | "rediss-cluster" | "redis-sentinel" | "rediss-sentinel"
    )
}

/// Redis as the store, with memory in front of it if the URL says so. Of its settings the capacity is that of the memory.
#[cfg(feature = "redis")]
fn redis(mut builder: CacheBuilder, name: &str, url: &str) -> Result<CacheBuilder, Error> {
    let (url, tiered) = url.strip_prefix("tiered+").map_or((url, false), |url| (url, true));
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let (ours, theirs): (Vec<&str>, Vec<&str>) =
        query.split('&').filter(|setting| !setting.is_empty()).partition(|setting| setting.starts_with("capacity="));
    for setting in ours {
        builder = builder.capacity(capacity(&format!("{name}: capacity"), setting.trim_start_matches("capacity="))?);
    }
    let url = if theirs.is_empty() { place.to_owned() } else { format!("{place}?{}", theirs.join("&")) };
    let store = crate::shared::Redis::url(&url).map_err(|error| wrong(name, error.to_string()))?;
    Ok(if tiered { builder.shared(store) } else { builder.shared_only(store) })
}

#[cfg(not(feature = "redis"))]
fn redis(_builder: CacheBuilder, name: &str, _url: &str) -> Result<CacheBuilder, Error> {
    Err(wrong(
        name,
        "this build of larder has no Redis; add the feature `redis` (`larder = { features = [\"redis\"] }`)",
    ))
}

fn settings_of_query(mut builder: CacheBuilder, query: &str) -> Result<CacheBuilder, Error> {
    const NAME: &str = "LARDER_URL";
    for setting in query.split('&').filter(|setting| !setting.is_empty()) {
        match setting.split_once('=') {
            Some(("capacity", value)) => builder = builder.capacity(capacity("LARDER_URL: capacity", value)?),
            Some((name, _)) => {
                return Err(wrong(NAME, format!("`memory://` has no setting `{name}`; it has `capacity`")));
            }
            None => return Err(wrong(NAME, "a setting is written `name=value`")),
        }
    }
    Ok(builder)
}

fn store_of_flask<'a>(
    builder: CacheBuilder,
    kind: &str,
    get: &impl Fn(&str) -> Option<&'a str>,
) -> Result<CacheBuilder, Error> {
    const NAME: &str = "CACHE_TYPE";
    const KINDS: &str = "`SimpleCache`, `RedisCache`, `RedisSentinelCache`, `RedisClusterCache` or `NullCache`";
    let last = kind.rsplit('.').next().unwrap_or(kind);
    let login = get("CACHE_REDIS_PASSWORD").map(|password| format!(":{}@", percent(password))).unwrap_or_default();
    let database = get("CACHE_REDIS_DB").map(|database| format!("/{}", percent(database))).unwrap_or_default();
    let needed = |name: &'static str| get(name).ok_or_else(|| wrong(name, format!("`CACHE_TYPE={last}` needs it")));
    match last.to_ascii_lowercase().trim_end_matches("cache") {
        "simple" => Ok(builder),
        "null" => Ok(builder.off()),
        "redis" => {
            if let Some(url) = get("CACHE_REDIS_URL") {
                return redis(builder, "CACHE_REDIS_URL", url);
            }
            let host = get("CACHE_REDIS_HOST").unwrap_or("localhost");
            let port = get("CACHE_REDIS_PORT").unwrap_or("6379");
            if !port.parse::<u16>().is_ok_and(|port| port != 0) {
                return Err(wrong("CACHE_REDIS_PORT", "it is no port (1 to 65535)"));
            }
            redis(builder, "CACHE_REDIS_HOST", &format!("redis://{login}{host}:{port}{database}"))
        }
        "redissentinel" => {
            let (hosts, service) = (needed("CACHE_REDIS_SENTINELS")?, needed("CACHE_REDIS_SENTINEL_MASTER")?);
            let url = format!("redis-sentinel://{login}{hosts}/{service}{database}");
            redis(builder, "CACHE_REDIS_SENTINELS", &url)
        }
        "rediscluster" => {
            let hosts = needed("CACHE_REDIS_CLUSTER")?;
            redis(builder, "CACHE_REDIS_CLUSTER", &format!("redis-cluster://{login}{hosts}"))
        }
        _ if kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_')) => {
            Err(wrong(NAME, format!("larder has no store `{last}`; write {KINDS}")))
        }
        _ => Err(wrong(NAME, format!("it is no name of a store; write {KINDS}"))),
    }
}

/// Text as it stands in a URL.
fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => escaped.push(char::from(byte)),
            // Writing to a string does not fail.
            _ => _ = write!(escaped, "%{byte:02X}"),
        }
        escaped
    })
}

fn capacity(name: &str, value: &str) -> Result<u64, Error> {
    match value.parse() {
        Ok(0) => Err(wrong(name, "a capacity of 0 keeps nothing; `LARDER=off` turns caching off")),
        Ok(capacity) => Ok(capacity),
        Err(error) => Err(wrong(name, "write a whole number of entries").with_source(error)),
    }
}

fn not_whole(name: &str, value: &str, source: ParseIntError) -> Error {
    wrong(name, format!("`{value}` is no whole number")).with_source(source)
}

/// Seconds, or numbers with units, or `never`.
fn duration(name: &str, text: &str) -> Result<Duration, Error> {
    let unusable = || {
        wrong(
            name,
            format!("`{text}` is no time: write seconds (`300`, `1.5`), a time with units (`5m`, `1h 30m`) or `never`"),
        )
    };
    if text == "never" {
        return Ok(Duration::MAX);
    }
    let mut sum = Duration::ZERO;
    let mut any = false;
    for word in text.split_whitespace() {
        let unit_at = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
        let (number, unit) = word.split_at(unit_at);
        let seconds = match unit {
            "ms" => 0.001,
            "" | "s" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            "w" => 604_800.0,
            _ => return Err(unusable()),
        };
        // A number without a unit stands alone.
        if unit.is_empty() && any || unit.is_empty() && text.trim() != word {
            return Err(unusable());
        }
        let number: f64 = number.parse().map_err(|_| unusable())?;
        let part = Duration::try_from_secs_f64(number * seconds).unwrap_or(Duration::MAX);
        sum = sum.saturating_add(part);
        any = true;
    }
    match sum {
        Duration::ZERO if any => Err(wrong(name, "a timeout of 0 keeps nothing; `LARDER=off` turns caching off")),
        Duration::ZERO => Err(unusable()),
        sum => Ok(sum),
    }
}
