//! Settings, from the builder and from variables: each of them does something, and a bad value names its variable.

use std::error::Error as _;
use std::time::Duration;

use larder::testing::{ManualClock, scope_blocking};
use larder::{Cache, CacheBuilder, Error, ErrorKind, cached};

use crate::support::{Loads, secs};

fn built(variables: &[(&str, &str)]) -> (Cache, ManualClock) {
    let clock = ManualClock::new();
    let builder = CacheBuilder::from_variables(variables.iter().copied()).unwrap();
    (builder.clock(clock.clone()).build_blocking().unwrap(), clock)
}

#[cached(key = "configuration.call", ignore(loads))]
fn call(loads: &Loads) -> u32 {
    loads.next()
}

/// Is a value fresh for exactly this long? `None` is for ever.
fn is_timeout(variables: &[(&str, &str)], timeout: Option<Duration>) -> bool {
    let (cache, clock) = built(variables);
    let loads = Loads::new();
    scope_blocking(&cache, || {
        call(&loads);
        let moment = Duration::from_nanos(1);
        clock.advance(timeout.map_or(secs(10_000_000_000), |timeout| timeout - moment));
        let fresh_before = call::entry().get().is_some();
        clock.advance(moment);
        fresh_before && call::entry().get().is_some() == timeout.is_none()
    })
}

fn is_off(variables: &[(&str, &str)]) -> bool {
    let (cache, _) = built(variables);
    let loads = Loads::new();
    scope_blocking(&cache, || (call(&loads), call(&loads))) == (1, 2)
}

fn settings(variables: &[(&str, &str)]) -> String {
    format!("{:?}", built(variables).0)
}

#[test]
fn nothing_is_set() {
    let five_minutes = Some(secs(300));
    assert!(is_timeout(&[], five_minutes));
    assert!(!is_off(&[]));
    assert!(settings(&[]).contains("10000 entries"));
    assert!(is_timeout(&[("LARDER_DEFAULT_TIMEOUT", ""), ("LARDER_URL", " ")], five_minutes), "empty is unset");
    assert!(is_timeout(&[("LARDERS_UNHEARD_OF", "x"), ("CACHE_DIR", "x"), ("HOME", "/")], five_minutes));
}

#[test]
fn timeouts() {
    let millis = |millis| Some(Duration::from_millis(millis));
    let ours = [
        ("60", millis(60_000)),
        (" 60 ", millis(60_000)),
        ("1.5", millis(1_500)),
        ("250ms", millis(250)),
        ("5m", millis(300_000)),
        ("1h 30m", millis(5_400_000)),
        ("1d", millis(86_400_000)),
        ("2w", millis(14 * 86_400_000)),
        ("never", None),
        ("99999999999999999999", None),
    ];
    for (value, timeout) in ours {
        assert!(is_timeout(&[("LARDER_DEFAULT_TIMEOUT", value)], timeout), "{value}");
    }
    for (value, timeout) in [("60", millis(60_000)), ("0", None)] {
        assert!(is_timeout(&[("CACHE_DEFAULT_TIMEOUT", value)], timeout), "{value}");
    }
    let both = [("LARDER_DEFAULT_TIMEOUT", "7"), ("CACHE_DEFAULT_TIMEOUT", "8")];
    assert!(is_timeout(&both, millis(7_000)), "ours goes first");
}

#[test]
fn stores() {
    for url in ["memory://", "memory:///", "memory://?", "memory://?capacity=5"] {
        assert!(!is_off(&[("LARDER_URL", url)]), "{url}");
    }
    assert!(settings(&[("LARDER_URL", "memory://?capacity=5")]).contains("5 entries"));
    assert!(is_off(&[("LARDER_URL", "null://")]));
    for kind in ["SimpleCache", "simple", "flask_caching.backends.SimpleCache"] {
        assert!(!is_off(&[("CACHE_TYPE", kind)]), "{kind}");
    }
    for kind in ["NullCache", "null", "flask_caching.backends.NullCache"] {
        assert!(is_off(&[("CACHE_TYPE", kind)]), "{kind}");
    }
    assert!(!is_off(&[("LARDER_URL", "memory://"), ("CACHE_TYPE", "NullCache")]), "ours goes first");
}

#[test]
fn on_and_off() {
    for word in ["off", "OFF", "0", "false"] {
        assert!(is_off(&[("LARDER", word)]), "{word}");
    }
    for word in ["on", "On", "1", "true"] {
        assert!(!is_off(&[("LARDER", word)]), "{word}");
    }
    assert!(is_off(&[("LARDER", "off"), ("LARDER_URL", "memory://")]));
    assert!(is_off(&[("LARDER", "on"), ("LARDER_URL", "null://")]));
}

#[test]
fn capacities_namespaces_and_versions() {
    assert!(settings(&[("CACHE_THRESHOLD", "66")]).contains("66 entries"));
    let both = [("CACHE_THRESHOLD", "66"), ("LARDER_URL", "memory://?capacity=5")];
    assert!(settings(&both).contains("5 entries") && !settings(&both).contains("66"), "ours goes first");
    assert!(settings(&[("LARDER_NAMESPACE", "shop")]).contains("\"shop\""));
    assert!(settings(&[("CACHE_KEY_PREFIX", "flask")]).contains("\"flask\""));
    let both = [("LARDER_NAMESPACE", "shop"), ("CACHE_KEY_PREFIX", "flask")];
    assert!(settings(&both).contains("\"shop\""), "ours goes first");
    assert!(settings(&[("LARDER_KEY_VERSION", "4711")]).contains("4711"));
}

#[test]
fn a_bad_value_is_an_error_that_names_its_variable() {
    let bad = [
        ("LARDER_URL", "memory"),
        ("LARDER_URL", "memory://somewhere"),
        ("LARDER_URL", "memory://?capacity=many"),
        ("LARDER_URL", "memory://?capacity=0"),
        ("LARDER_URL", "memory://?capacity"),
        ("LARDER_URL", "memory://?size=5"),
        ("LARDER_URL", "null://?capacity=5"),
        ("LARDER_URL", "http://localhost"),
        ("LARDER_DEFAULT_TIMEOUT", "soon"),
        ("LARDER_DEFAULT_TIMEOUT", "-1"),
        ("LARDER_DEFAULT_TIMEOUT", "0"),
        ("LARDER_DEFAULT_TIMEOUT", "0s"),
        ("LARDER_DEFAULT_TIMEOUT", "5 minutes"),
        ("LARDER_DEFAULT_TIMEOUT", "5 5"),
        ("LARDER_DEFAULT_TIMEOUT", "1h 5"),
        ("LARDER_DEFAULT_TIMEOUT", "NaN"),
        ("LARDER_DEFAULT_TIMEOUT", "inf"),
        ("LARDER_DEFAULT_TIMEOUT", "1.2.3"),
        ("LARDER_KEY_VERSION", "v2"),
        ("LARDER_KEY_VERSION", "-1"),
        ("LARDER", "maybe"),
        ("CACHE_TYPE", "FileSystemCache"),
        ("CACHE_DEFAULT_TIMEOUT", "soon"),
        ("CACHE_THRESHOLD", "many"),
        ("CACHE_THRESHOLD", "0"),
        ("CACHE_THRESHOLD", "-5"),
    ];
    for (name, value) in bad {
        let error = CacheBuilder::from_variables([(name, value)]).expect_err(&format!("{name}={value}"));
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.subject().starts_with(name), "{name}={value}: {error}");
        let text = error.to_string();
        assert!(text.contains(name), "{name}={value}: {text}");
        assert!(!text.contains('\n'), "one level of it: {text}");
    }
    let error = CacheBuilder::from_variables([("CACHE_THRESHOLD", "many")]).unwrap_err();
    assert!(error.source().is_some_and(|source| source.to_string().contains("invalid digit")));
}

#[test]
fn no_password_is_ever_shown() {
    let secret = "hunter2";
    let schemes = [
        "redis",
        "rediss",
        "redis+unix",
        "redis-cluster",
        "redis-sentinel",
        "tiered+redis",
        "tiered+rediss",
        "memcached",
    ];
    let mut urls: Vec<_> = schemes.map(|scheme| format!("{scheme}://user:{secret}@host:6379/0?x={secret}")).into();
    urls.extend(["memory", "null"].map(|scheme| format!("{scheme}://user:{secret}@host/")));
    urls.extend([format!("user:{secret}@host"), format!("null://?{secret}")]);
    for url in urls {
        let error = CacheBuilder::from_variables([("LARDER_URL", &url)]).expect_err(&url);
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(!full(&error).contains(secret), "{}", full(&error));
    }
}

/// Everything that an error says, to whomever.
fn full(error: &Error) -> String {
    let mut texts = vec![format!("{error} {error:?} {error:#?}")];
    let mut source = error.source();
    while let Some(error) = source {
        texts.push(format!("{error} {error:?}"));
        source = error.source();
    }
    texts.join(" ")
}

#[test]
fn redis_by_one_url() {
    for (url, in_memory) in [
        ("redis://localhost/", false),
        ("redis://:hunter2@localhost:6380/3?deadline=50ms", false),
        ("tiered+redis://localhost?capacity=7", true),
        ("tiered+rediss://localhost", true),
        ("redis+unix:///run/redis.sock?db=1", false),
        ("tiered+redis-cluster://a:1,b:2,c:3", true),
        ("redis-sentinel://a:1,b:2/shop", false),
    ] {
        let builder = CacheBuilder::from_variables([("LARDER_URL", url)]).expect(url);
        let text = format!("{builder:?}");
        assert!(text.contains("Redis") && text.contains(&format!("in_memory: {in_memory}")), "{url}: {text}");
        assert!(!text.contains("hunter2"), "{text}");
        assert_eq!(text.contains("capacity: 7,"), url.contains("capacity=7"), "{text}");
    }
    for url in ["redis://", "redis://localhost/x", "redis://localhost?capacity=0", "tiered+memory://", "redis://a?b=c"]
    {
        let error = CacheBuilder::from_variables([("LARDER_URL", url)]).expect_err(url);
        assert!(error.to_string().contains("LARDER_URL"), "{error}");
    }
}

#[test]
fn redis_by_the_names_of_flask_caching() {
    let redis = ("CACHE_TYPE", "RedisCache");
    let host = [("CACHE_REDIS_HOST", "db"), ("CACHE_REDIS_PORT", "6380"), ("CACHE_REDIS_DB", "2")];
    for variables in [
        vec![redis],
        vec![redis, ("CACHE_REDIS_URL", "redis://db/1")],
        [vec![redis, ("CACHE_REDIS_PASSWORD", "a:b@c/?")], host.to_vec()].concat(),
        vec![
            ("CACHE_TYPE", "flask_caching.backends.RedisSentinelCache"),
            ("CACHE_REDIS_SENTINELS", "a:1,b:2"),
            ("CACHE_REDIS_SENTINEL_MASTER", "shop"),
        ],
        vec![("CACHE_TYPE", "RedisClusterCache"), ("CACHE_REDIS_CLUSTER", "a:1,b:2")],
    ] {
        let builder = CacheBuilder::from_variables(variables.clone()).expect("they are right");
        let text = format!("{builder:?}");
        assert!(text.contains("in_memory: false") && !text.contains("a:b@c"), "{variables:?}: {text}");
    }
    let error = CacheBuilder::from_variables([("CACHE_TYPE", "RedisSentinelCache")]).unwrap_err();
    assert_eq!(error.subject(), "CACHE_REDIS_SENTINELS");
    let error = CacheBuilder::from_variables([redis, ("CACHE_REDIS_PORT", "many")]).unwrap_err();
    assert_eq!(error.subject(), "CACHE_REDIS_PORT");
}

#[test]
fn the_builder_refuses_what_keeps_nothing() {
    let error = Cache::builder().capacity(0).build_blocking().unwrap_err();
    assert_eq!((error.kind(), error.operation(), error.subject()), (ErrorKind::Configuration, "build", "capacity"));
    let error = Cache::builder().default_timeout(Duration::ZERO).build_blocking().unwrap_err();
    assert_eq!((error.kind(), error.subject()), (ErrorKind::Configuration, "default_timeout"));
    assert!(Cache::builder().default_timeout(Duration::MAX).capacity(u64::MAX).build_blocking().is_ok());
}

#[test]
fn the_builder_refuses_what_refreshes_nothing() {
    let error = Cache::builder().refresh_limit(0).build_blocking().unwrap_err();
    assert_eq!((error.kind(), error.subject()), (ErrorKind::Configuration, "refresh_limit"));
    let error = Cache::builder().refresh_threads(0).build_blocking().unwrap_err();
    assert_eq!((error.kind(), error.subject()), (ErrorKind::Configuration, "refresh_threads"));
    assert!(Cache::builder().refresh_limit(usize::MAX).refresh_threads(usize::MAX).build_blocking().is_ok());
}

/// A cache that refreshes nothing is shut down at once, as often as one likes, and goes on answering.
#[tokio::test]
async fn a_cache_answers_after_its_shutdown() {
    let cache = Cache::builder().build().await.unwrap();
    cache.set("key", &1, secs(60)).await.unwrap();
    cache.shutdown(Duration::ZERO).await.unwrap();
    cache.blocking().shutdown(Duration::MAX).unwrap();
    cache.set("other", &2, secs(60)).await.unwrap();
    assert_eq!((cache.get("key").await, cache.get("other").await), (Some(1), Some(2)));
}

#[tokio::test]
async fn what_the_builder_says_afterwards_wins() {
    let builder = CacheBuilder::from_variables([("LARDER_NAMESPACE", "shop"), ("CACHE_THRESHOLD", "5")]).unwrap();
    let cache = builder.namespace("other").capacity(7).build().await.unwrap();
    let text = format!("{cache:?}");
    assert!(text.contains("\"other\"") && text.contains("7 entries"), "{text}");
}

#[test]
fn a_misspelt_variable_is_an_error_that_names_it() {
    let error = CacheBuilder::from_variables([("LARDER_DEFAULT_TIMOUT", "5")]).unwrap_err();
    assert_eq!((error.kind(), error.subject()), (ErrorKind::Configuration, "LARDER_DEFAULT_TIMOUT"));
    assert!(error.to_string().contains("LARDER_DEFAULT_TIMEOUT"), "{error}");
}
