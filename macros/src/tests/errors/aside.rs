//! Messages about arguments that a refresh on the side can not own.

use expect_test::expect;

use super::fails;

#[test]
fn mutable_arguments() {
    fails(
        r#"early = 0.5, ignore(log)"#,
        r#"fn f(id: u64, log: &mut Log) -> u64 { x }"#,
        &expect![[r#"
            `log` is `&mut`, but `early` runs the body when the caller is gone
            help: take a shared reference or an owned value, or remove `early`
        "#]],
    );
    fails(
        r#"early = 0.5"#,
        r#"fn f(id: u64, log: &mut Log) -> u64 { x }"#,
        &expect![[r#"
            `log` is `&mut`: changes made through it would not happen on a hit
            help: take a shared reference, or write `ignore(log)` if the changes don't matter
        "#]],
    );
    fails(
        r#"stale_while_revalidate = 5, ignore(self)"#,
        r#"fn f(&mut self, id: u64) -> u64 { x }"#,
        &expect![[r#"
            `self` is `&mut`, but `stale_while_revalidate` runs the body when the caller is gone
            help: take a shared reference or an owned value, or remove `stale_while_revalidate`
        "#]],
    );
}

#[test]
fn borrowing_arguments() {
    fails(
        r#"stale_while_revalidate = 5, soft_timeout = 1"#,
        r#"fn f(name: Option<&str>) -> u64 { x }"#,
        &expect![[r#"
            `name` borrows, but `stale_while_revalidate` runs the body when the caller is gone
            help: write `name: Option<String>`, or remove `stale_while_revalidate`
        "#]],
    );
    fails(
        r#"early = 0.5"#,
        r#"fn f(name: Cow<'_, str>) -> u64 { x }"#,
        &expect![[r#"
            `name` borrows, but `early` runs the body when the caller is gone
            help: write `name: String`, or remove `early`
        "#]],
    );
    fails(
        r#"early = 0.5"#,
        r#"fn f<'a>(ctx: Ctx<'a>, list: &[&str]) -> u64 { x }"#,
        &expect![[r#"
            `ctx` borrows, but `early` runs the body when the caller is gone
            help: take a type that borrows nothing, or remove `early`

            `list` borrows, but `early` runs the body when the caller is gone
            help: write `list: &[String]`, or remove `early`
        "#]],
    );
    fails(
        r#"early = 0.5"#,
        r#"fn f(name: &&str, pair: (u64, &[u8])) -> u64 { x }"#,
        &expect![[r#"
            `name` borrows, but `early` runs the body when the caller is gone
            help: write `name: &str`, or remove `early`

            `pair` borrows, but `early` runs the body when the caller is gone
            help: write `pair: (u64, Vec<u8>)`, or remove `early`
        "#]],
    );
    fails(
        r#"early = 0.5, ignore(db)"#,
        r#"fn f(db: &dyn Db) -> u64 { x }"#,
        &expect![[r#"
            what `db` refers to can't be cloned, but `early` runs the body when the caller is gone
            help: write `db: Arc<dyn Db>`, or remove `early`
        "#]],
    );
    fails(
        r#"early = 0.5, ignore(db)"#,
        r#"fn f(db: Box<dyn Db + '_>) -> u64 { x }"#,
        &expect![[r#"
            `db` borrows, but `early` runs the body when the caller is gone
            help: take a type that borrows nothing, or remove `early`
        "#]],
    );
    fails(
        r#"early = 0.5, ignore(self)"#,
        r#"fn f(self: Pin<&Self>) -> u64 { x }"#,
        &expect![[r#"
            `self` borrows, but `early` runs the body when the caller is gone
            help: take `&self` or `self: Arc<Self>`, or remove `early`
        "#]],
    );
}

#[test]
fn strings_with_self() {
    fails(
        r#"early = 0.5, ignore(self)"#,
        r#"fn f(&self) -> String { my_format!("{self:?}") + "{self}" + &format!("{self}") }"#,
        &expect![[r#"
            with `early` the body runs on a copy of `self`, which can't be found inside this string
            help: write `{}` in the string and `self` behind it, or name an `entry`, which moves the body out
        "#]],
    );
}
