//! The process's default cache: installed, or made from the environment. Each test has a process of its own.

use std::env;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use larder::testing::{ManualClock, scope_blocking};
use larder::{Cache, ErrorKind, cached};
use larder_tests::alone;

const NOTHING: [(&str, &str); 0] = [];

static LOADS: AtomicU32 = AtomicU32::new(0);

#[cached(timeout = 60, key = "default_cache:<id>")]
fn f(id: u32) -> u32 {
    LOADS.fetch_add(1, SeqCst) + id
}

/// Is it kept?
fn is_cached() -> bool {
    f(1) == f(1)
}

#[test]
fn nothing_is_installed() {
    alone("nothing_is_installed", NOTHING, || {
        assert!(is_cached());
        assert_eq!(larder::cache().stats().hits, 1);
        thread::spawn(|| f(1)).join().unwrap();
        assert_eq!(larder::cache().stats().hits, 2, "one for all threads");
        assert!(larder::report().contains("default_cache"));
    });
}

#[test]
fn a_cache_is_installed() {
    alone("a_cache_is_installed", [("LARDER", "off")], || {
        let clock = ManualClock::new();
        let cache = Cache::builder().clock(clock.clone()).build_blocking().unwrap();
        larder::install(cache.clone()).unwrap();
        assert!(is_cached(), "the environment was not asked");
        assert_eq!(cache.stats().hits, 1);
        clock.advance(Duration::from_secs(60));
        f(1);
        assert_eq!(LOADS.load(SeqCst), 2);
        f::entry(1).invalidate().unwrap();
        f::all().bump().unwrap();
        assert_eq!(cache.stats().invalidations, 2);

        let error = larder::install(Cache::builder().build_blocking().unwrap()).unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::AlreadyInstalled, "install"));
        f(1);
        assert_eq!(cache.stats().loads, 3, "the first one stays");
    });
}

#[test]
fn a_cache_is_installed_too_late() {
    alone("a_cache_is_installed_too_late", NOTHING, || {
        f(1);
        let error = larder::install(Cache::builder().build_blocking().unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyInstalled);
        assert!(error.to_string().contains("before the first call"), "{error}");
        assert!(is_cached());
    });
}

#[test]
fn a_scope_hides_the_default_cache_from_one_thread() {
    alone("a_scope_hides_the_default_cache_from_one_thread", NOTHING, || {
        let own = Cache::builder().build_blocking().unwrap();
        scope_blocking(&own, || {
            f(1);
            thread::spawn(|| f(1)).join().unwrap();
        });
        assert_eq!((own.stats().loads, larder::cache().stats().loads), (1, 1));
        f(1);
        assert_eq!((own.stats().hits, larder::cache().stats().hits), (0, 1));
    });
}

#[test]
fn the_environment_turns_it_off() {
    for (name, value) in [("LARDER", "off"), ("LARDER_URL", "null://"), ("CACHE_TYPE", "NullCache")] {
        alone("the_environment_turns_it_off", [(name, value)], || assert!(!is_cached()));
    }
}

#[test]
fn the_environment_sets_it() {
    let variables = [
        ("LARDER_URL", "memory://?capacity=77"),
        ("LARDER_NAMESPACE", "shop"),
        ("LARDER_DEFAULT_TIMEOUT", "123s"),
        ("LARDER_KEY_VERSION", "4711"),
    ];
    alone("the_environment_sets_it", variables, || {
        let text = format!("{:?}", larder::cache());
        for setting in ["77 entries", "\"shop\"", "123", "4711"] {
            assert!(text.contains(setting), "{setting} in {text}");
        }
        assert!(is_cached());
    });
}

#[test]
fn a_mistake_in_the_environment_is_said_and_turns_it_off() {
    const NAME: &str = "a_mistake_in_the_environment_is_said_and_turns_it_off";
    let said = alone(NAME, [("LARDER_URL", "redis://user:hunter2@localhost/zero")], || {
        assert!(!is_cached(), "the function works all the same");
        assert!(!is_cached());
        let error = Cache::from_env_blocking().unwrap_err();
        assert_eq!((error.kind(), error.subject()), (ErrorKind::Configuration, "LARDER_URL"));
    });
    if let Some(said) = said {
        assert_eq!(said.matches("caching is off").count(), 1, "{said}");
        assert!(said.contains("LARDER_URL") && !said.contains("hunter2"), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_an_error_that_names_it() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    const NAME: &str = "a_variable_that_is_no_text_is_an_error_that_names_it";
    for variable in ["LARDER_URL", "CACHE_LABEL"] {
        alone(NAME, [(variable, OsStr::from_bytes(b"memory://\xFF"))], || {
            let cache = Cache::from_env_blocking();
            if env::var_os("LARDER_URL").is_some() {
                assert_eq!(cache.unwrap_err().subject(), "LARDER_URL");
            } else {
                assert!(cache.is_ok(), "a name that is not ours");
            }
        });
    }
}
