//! Behaviour of parts of pages: blocks with a cache in front, and what template engines render. A binary of its own, since what an
//! engine caches is a function of larder's own, which other tests need not find in their reports.

mod askama;
mod blocks;
mod handles;
mod minijinja;
mod options;
mod prefetch;
#[path = "../it/support.rs"]
#[expect(dead_code, reason = "not everything is needed here")]
mod support;
#[path = "../shared/world.rs"]
#[expect(dead_code, reason = "not everything is needed here")]
mod world;
