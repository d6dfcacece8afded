//! What the attribute says when it can't expand. One mistake is one error, and all errors come in one build.

mod options;

mod durations;
mod values;

mod keys;

mod functions;

mod freshness;

mod aside;
mod batches;
mod tags;

use super::fails;

const ITEM: &str = "async fn user(id: u64, page: Page, pool: PgPool) -> User { load(id) }";

fn fails_with(attr: &str, expected: &expect_test::Expect) {
    fails(attr, ITEM, expected);
}
