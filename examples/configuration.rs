//! Which cache: set up in code, or by the environment.

use std::time::Duration;

use larder::{Cache, CacheBuilder, ErrorKind, cached};

/// Uses the process's default cache, and its default timeout.
#[cached(key = "double:<n>")]
fn double(n: u32) -> u32 {
    2 * n
}

/// A part of a program that has a cache of its own.
struct Catalog {
    cache: Cache,
    factor: u32,
}

impl Catalog {
    #[cached(cache = self.cache, key = "multiple:<self.factor>:<n>")]
    fn multiple(&self, n: u32) -> u32 {
        self.factor * n
    }
}

fn main() -> Result<(), larder::Error> {
    // A program says `Cache::from_env()`, and a deployment sets `LARDER_URL` and the like. Without any variable that is
    // a cache in memory. The same from variables given by hand:
    let cache =
        CacheBuilder::from_variables([("LARDER_URL", "memory://?capacity=50000"), ("LARDER_DEFAULT_TIMEOUT", "5m")])?
            .build_blocking()?;
    let catalog = Catalog { cache: cache.clone(), factor: 3 };
    assert_eq!(catalog.multiple(2), 6);
    assert_eq!(cache.blocking().get::<u32>("multiple:3:2"), Some(6));

    // A value that can't be used is an error that names the variable, never a silent default.
    let error = CacheBuilder::from_variables([("LARDER_DEFAULT_TIMEOUT", "soon")]).err();
    assert_eq!(error.as_ref().map(larder::Error::kind), Some(ErrorKind::Configuration));
    assert!(error.is_some_and(|error| error.to_string().contains("LARDER_DEFAULT_TIMEOUT")));

    // Set up in code and made the default one, before any annotated function is called.
    let mine = Cache::builder().default_timeout(Duration::from_secs(60)).capacity(1_000).build_blocking()?;
    larder::install(mine.clone())?;
    assert_eq!((double(4), double(4)), (8, 8));
    assert_eq!(mine.stats().hits, 1);
    assert_eq!(cache.stats().hits, 1, "two caches share nothing");

    // There is one default cache.
    assert_eq!(larder::install(mine).err().map(|error| error.kind()), Some(ErrorKind::AlreadyInstalled));
    Ok(())
}
