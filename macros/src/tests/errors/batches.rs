//! Messages about batches.

use expect_test::expect;

use super::fails;

const ITEM: &str = "fn rows(ids: &[u64], db: &Db) -> HashMap<u64, Row> { load(ids, db) }";

fn fails_with(attr: &str, expected: &expect_test::Expect) {
    fails(attr, ITEM, expected);
}

#[test]
fn options() {
    fails_with(
        r#"batch = true, ignore(db)"#,
        &expect![[r#"
            `batch` takes no value here
            help: write `batch` alone
        "#]],
    );
    fails_with(
        r#"batch, cache_err = 5, ignore(db)"#,
        &expect![[r#"
            a batch that fails stores nothing: its error is nobody's own
            help: remove `cache_err`
        "#]],
    );
    fails_with(
        r#"batch, chunk = 0, ignore(db)"#,
        &expect![[r#"
            `chunk` is zero, so the body would get no ids
            help: write `chunk = 500`, or remove `chunk`
        "#]],
    );
    fails_with(
        r#"batch, chunk = "5", ignore(db)"#,
        &expect![[r#"
            `chunk` is a number of ids
            help: write `chunk = 500`, or the name of a constant
        "#]],
    );
    fails_with(
        r#"batch, chunk = 99999999999, ignore(db)"#,
        &expect![[r#"
            `chunk` is larger than any batch
            help: write `chunk = 500`, or remove `chunk`
        "#]],
    );
    fails_with(
        r#"batch, chunk = -5, ignore(db)"#,
        &expect![[r#"
            `chunk` is a number of ids
            help: write `chunk = 500`, or the name of a constant
        "#]],
    );
    fails_with(
        r#"batch, chunk, ignore(db)"#,
        &expect![[r#"
            `chunk` needs a value
            help: write `chunk = 500`
        "#]],
    );
    fails_with(
        r#"chunk = 5, ignore(db)"#,
        &expect![[r#"
            `chunk` divides the ids of a batch
            help: add `batch`, or remove `chunk`
        "#]],
    );
    fails_with(
        r#"batch, revision = ids.len(), ignore(db)"#,
        &expect![[r#"
            `revision` is evaluated once for the whole batch, so it can't depend on `ids`
            help: remove `ids` from `revision`, or cache a function of one id
        "#]],
    );
    fails_with(
        r#"batch, cache = db.cache_for(ids), ignore(db)"#,
        &expect![[r#"
            `cache` is evaluated once for the whole batch, so it can't depend on `ids`
            help: write an expression without `ids`
        "#]],
    );
    fails_with(
        r#"batch, batch, ignore(db)"#,
        &expect![[r#"
            `batch` is given twice
            help: remove one of them
        "#]],
    );
}

#[test]
fn keys() {
    fails_with(
        r#"batch, key = "row", ignore(db)"#,
        &expect![[r#"
            the key does not name `ids`, so all rows would be one entry
            help: write `key = "row:<ids>"`: `<ids>` stands for one id
        "#]],
    );
    fails_with(
        r#"batch, key = "row:", ignore(db)"#,
        &expect![[r#"
            the key does not name `ids`, so all rows would be one entry
            help: write `key = "row:<ids>"`: `<ids>` stands for one id
        "#]],
    );
    fails_with(
        r#"batch, key = "row:<id>", ignore(db)"#,
        &expect![[r#"
            `id` in the key is not an argument
            help: did you mean `<ids>`?
        "#]],
    );
    fails_with(
        r#"batch, key = "row:ids>", ignore(db)"#,
        &expect![[r#"
            `ids>` lacks its `<`, so the key does not name `ids`
            help: write `<ids>`
        "#]],
    );
    fails_with(
        r#"batch, ignore(ids, db)"#,
        &expect![[r#"
            `ids` is ignored, but its ids are what the batch is about
            help: remove it from `ignore`, or remove `batch`
        "#]],
    );
    fails_with(
        r#"batch, ignore(ids, db), key = "row""#,
        &expect![[r#"
            `ids` is ignored, but its ids are what the batch is about
            help: remove it from `ignore`, or remove `batch`
        "#]],
    );
}

#[test]
fn slices() {
    fails(
        r#"batch"#,
        r#"fn rows(id: u64) -> HashMap<u64, Row> { x }"#,
        &expect![[r#"
            `batch` on a function without a slice of ids
            help: take `ids: &[u64]` (or whatever an id is), or remove `batch`
        "#]],
    );
    fails(
        r#"batch"#,
        r#"fn rows() -> HashMap<u64, Row> { x }"#,
        &expect![[r#"
            `batch` on a function without a slice of ids
            help: take `ids: &[u64]` (or whatever an id is), or remove `batch`
        "#]],
    );
    fails(
        r#"batch"#,
        r#"fn rows(ids: &[u64], teams: Vec<u64>) -> HashMap<u64, Row> { x }"#,
        &expect![[r#"
            `ids`, `teams` could each be the ids of the batch
            help: write `ignore(teams)` if it doesn't change the rows, else give `teams` a type of its own, a struct with `#[derive(larder::KeyPart)]`
        "#]],
    );
    fails(
        r#"batch, key = "row:<ids>""#,
        r#"fn rows(teams: Vec<u64>, ids: &[u64]) -> HashMap<u64, Row> { x }"#,
        &expect![[r#"
            `teams`, `ids` could each be the ids of the batch
            help: write `ignore(teams)` if it doesn't change the rows, else give `teams` a type of its own, a struct with `#[derive(larder::KeyPart)]`
        "#]],
    );
    fails(
        r#"batch, key = "row:<ids>:<teams>", revision = ids.len()"#,
        r#"fn rows(ids: &[u64], teams: Vec<u64>) -> HashMap<u64, Row> { x }"#,
        &expect![[r#"
            `ids`, `teams` could each be the ids of the batch
            help: give `teams` a type of its own, a struct with `#[derive(larder::KeyPart)]`
        "#]],
    );
    fails(
        r#"batch, key = "row""#,
        r#"fn rows(names: &[&str], ids: &[u64]) -> Result<HashMap<Id, Row>, Error> { x }"#,
        &expect![[r#"
            `names`, `ids` could each be the ids of the batch
            help: take the ids as `&[Id]`: the rows are found by `Id`, which none of them holds
        "#]],
    );
    fails(
        r#"batch, key = "row:<ids>""#,
        r#"fn rows(names: &[&str], ids: &[u64]) -> Rows { x }"#,
        &expect![[r#"
            `names`, `ids` could each be the ids of the batch
            help: write `HashMap<Id, Row>` with the type of the ids: what its keys are says which they are
        "#]],
    );
    fails(
        r#"batch"#,
        r#"fn rows(ids: &Vec<u64>) -> HashMap<u64, Row> { x }"#,
        &expect![[r#"
            the ids of a batch are a slice or a vector, which `&Vec<u64>` is not
            help: write `ids: &[u64]`
        "#]],
    );
    fails(
        r#"batch"#,
        r#"fn rows(db: &Db, ids: HashSet<u64>) -> HashMap<u64, Row> { x }"#,
        &expect![[r#"
            the ids of a batch are a slice or a vector, which `HashSet<u64>` is not
            help: write `ids: &[u64]`
        "#]],
    );
    fails(
        r#"batch"#,
        r#"fn rows(ids: &[&str]) -> HashMap<String, Row> { x }"#,
        &expect![[r#"
            the ids of a batch are kept, so they can't be references
            help: write `ids: &[String]`, and return a map with such keys
        "#]],
    );
    fails(
        r#"batch"#,
        r#"fn rows(ids: Vec<Cow<'_, str>>) -> HashMap<String, Row> { x }"#,
        &expect![[r#"
            the ids of a batch are kept, so they can't be references
            help: write `ids: Vec<String>`, and return a map with such keys
        "#]],
    );
    fails(
        r#"batch"#,
        r#"fn rows<'a>(ids: &[Id<'a>]) -> HashMap<String, Row> { x }"#,
        &expect![[r#"
            the ids of a batch are kept, so they can't be references
            help: write `ids: &[Id]`, and return a map with such keys
        "#]],
    );
    fails(
        r#"batch"#,
        r#"fn rows(ids: &[impl Copy]) -> HashMap<String, Row> { x }"#,
        &expect![[r#"
            the ids of a batch need a type with a name
            help: write a type parameter: `fn rows<Id: ...>(ids: &[Id])`
        "#]],
    );
    fails(
        r#"batch"#,
        r#"fn rows([first, ..]: &[u64]) -> HashMap<u64, Row> { x }"#,
        &expect![[r#"
            the ids of a batch need one name
            help: write `ids: &[u64]`, and take them apart in the body
        "#]],
    );
    fails(
        r#"batch"#,
        r#"fn rows(ids: &mut [u64]) -> HashMap<u64, Row> { x }"#,
        &expect![[r#"
            `ids` is `&mut`: changes made through it would not happen on a hit
            help: take a shared reference, or write `ignore(ids)` if the changes don't matter
        "#]],
    );
    fails(
        r#"batch, ignore(log)"#,
        r#"fn rows(ids: &[u64], log: &mut Log) -> HashMap<u64, Row> { x }"#,
        &expect![[r#"
            `log` is `&mut`, but a batch may run its body several times
            help: take a shared reference, or remove `batch`
        "#]],
    );
    fails(
        r#"batch"#,
        r#"fn rows(_: &[u64]) -> HashMap<u64, Row> { x }"#,
        &expect![[r#"
            `batch` on a function without a slice of ids
            help: take `ids: &[u64]` (or whatever an id is), or remove `batch`
        "#]],
    );
}

#[test]
fn rows() {
    fails(
        "batch",
        "fn rows(ids: &[u64]) -> Vec<Row> { x }",
        &expect![[r#"
        a batch returns a map from ids to rows, which `Vec<Row>` is not
        help: return `HashMap<u64, Row>`, `BTreeMap<u64, Row>` or a `Result` of it
    "#]],
    );
    fails(
        "batch",
        "async fn rows(ids: &[u64]) -> io::Result<Option<HashMap<u64, Row>>> { x }",
        &expect![[r#"
        a batch returns a map from ids to rows, which `Option<HashMap<u64, Row>>` is not
        help: return `HashMap<u64, Row>`, `BTreeMap<u64, Row>` or a `Result` of it
    "#]],
    );
    fails(
        "batch",
        "fn rows(ids: &[u64]) -> (u64, Row) { x }",
        &expect![[r#"
        a batch returns a map from ids to rows, which `(u64, Row)` is not
        help: return `HashMap<u64, Row>`, `BTreeMap<u64, Row>` or a `Result` of it
    "#]],
    );
    fails(
        "batch",
        "fn rows(ids: &[u64]) -> std::collections::HashMap<u32, Row> { x }",
        &expect![[r#"
        the ids are `u64`, but the rows are found by `u32`
        help: write `u64`
    "#]],
    );
    fails(
        "batch",
        "fn rows(ids: Vec<String>) -> Result<BTreeMap<u64, Row>, Error> { x }",
        &expect![[r#"
        the ids are `String`, but the rows are found by `u64`
        help: write `String`
    "#]],
    );
}
