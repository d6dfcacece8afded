//! The plain cases, with and without an ignored argument: what most users get.

use expect_test::expect;

use crate::tests::expands;

#[test]
fn an_async_function() {
    expands(
        r#"timeout = 60, key = "user_data:<id>""#,
        "pub async fn get_user_data(id: u64) -> Result<User, DbError> { query_database(id).await }",
        &expect![[r#"
            pub async fn get_user_data(id: u64) -> Result<User, DbError> {
                ::larder::__private::call(
                        get_user_data::__site(),
                        ::larder::__private::kind!(Result < User, DbError >),
                    )
                    .lookup(
                        ::larder::__private::cache(),
                        |__key| {
                            __key.part(&id);
                        },
                    )
                    .load(move || get_user_data::uncached(id))
                    .await
            }
            /// Companions of the cached function `get_user_data`.
            pub enum get_user_data {}
            impl get_user_data {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "get_user_data", "user_data:", [Text("user_data:"), Hole("id")], | __site |
                        __site.timeout(60_000_000_000).wire(|| ::larder::__private::wire!(Result <
                        User, DbError >))
                    )
                }
                /// The entry that holds (or would hold) the value of `get_user_data` for these arguments.
                pub fn entry(
                    id: u64,
                ) -> ::larder::Entry<
                    Result<User, DbError>,
                    impl ::core::future::Future<Output = Result<User, DbError>>,
                > {
                    ::larder::__private::call(
                            Self::__site(),
                            ::larder::__private::kind!(Result < User, DbError >),
                        )
                        .target(
                            ::larder::__private::cache(),
                            |__key| {
                                __key.part(&id);
                            },
                        )
                        .entry(Self::uncached(id))
                }
                /// Runs the body of `get_user_data`; reads and stores nothing.
                pub async fn uncached(id: u64) -> Result<User, DbError> {
                    query_database(id).await
                }
                /// Every entry of `get_user_data`.
                pub fn all() -> ::larder::Group {
                    ::larder::__private::group(Self::__site(), ::larder::__private::cache())
                }
            }
        "#]],
    );
}

#[test]
fn an_ordinary_function() {
    expands(
        "",
        "fn square(x: u64) -> u64 { x * x }",
        &expect![[r#"
            fn square(x: u64) -> u64 {
                ::larder::__private::call(square::__site(), ::larder::__private::kind!(u64))
                    .lookup(
                        ::larder::__private::cache(),
                        |__key| {
                            ::larder::__private::arg!(__key, & x);
                        },
                    )
                    .load_blocking(move || square::uncached(x))
            }
            /// Companions of the cached function `square`.
            enum square {}
            impl square {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "square", | __site | __site.wire(|| ::larder::__private::wire!(u64))
                    )
                }
                /// The entry that holds (or would hold) the value of `square` for these arguments.
                fn entry(
                    x: u64,
                ) -> ::larder::blocking::Entry<u64, impl ::core::ops::FnOnce() -> u64> {
                    ::larder::__private::call(Self::__site(), ::larder::__private::kind!(u64))
                        .target(
                            ::larder::__private::cache(),
                            |__key| {
                                ::larder::__private::arg!(__key, & x);
                            },
                        )
                        .entry_blocking(move || Self::uncached(x))
                }
                /// Runs the body of `square`; reads and stores nothing.
                fn uncached(x: u64) -> u64 {
                    x * x
                }
                /// Every entry of `square`.
                fn all() -> ::larder::blocking::Group {
                    ::larder::__private::group_blocking(Self::__site(), ::larder::__private::cache())
                }
            }
        "#]],
    );
}

#[test]
fn the_entry_of_an_async_function_needs_no_ignored_argument() {
    expands(
        r#"key = "places:<shelf>", ignore(db)"#,
        "pub async fn places<'d>(db: &'d Db, shelf: &str) -> Vec<Place> { db.places(shelf).await }",
        &expect![[r#"
            pub async fn places<'d>(db: &'d Db, shelf: &str) -> Vec<Place> {
                ::larder::__private::call(
                        places::__site(),
                        ::larder::__private::kind!(Vec < Place >),
                    )
                    .lookup(
                        ::larder::__private::cache(),
                        |__key| {
                            __key.part(&shelf);
                        },
                    )
                    .load(move || places::uncached(db, shelf))
                    .await
            }
            /// Companions of the cached function `places`.
            pub enum places {}
            impl places {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!("places", "places:", [Text("places:"), Hole("shelf")])
                }
                /// The entry that holds (or would hold) the value of `places` for these arguments.
                pub fn entry(shelf: &str) -> ::larder::Entry<Vec<Place>> {
                    ::larder::__private::call(
                            Self::__site(),
                            ::larder::__private::kind!(Vec < Place >),
                        )
                        .target(
                            ::larder::__private::cache(),
                            |__key| {
                                __key.part(&shelf);
                            },
                        )
                        .bare_entry()
                }
                /// Runs the body of `places` and stores its result.
                pub async fn refresh<'d>(db: &'d Db, shelf: &str) -> Vec<Place> {
                    ::larder::__private::call(
                            Self::__site(),
                            ::larder::__private::kind!(Vec < Place >),
                        )
                        .refresh()
                        .lookup(
                            ::larder::__private::cache(),
                            |__key| {
                                __key.part(&shelf);
                            },
                        )
                        .load(move || Self::uncached(db, shelf))
                        .await
                }
                /// Runs the body of `places`; reads and stores nothing.
                pub async fn uncached<'d>(db: &'d Db, shelf: &str) -> Vec<Place> {
                    db.places(shelf).await
                }
                /// Every entry of `places`.
                pub fn all() -> ::larder::Group {
                    ::larder::__private::group(Self::__site(), ::larder::__private::cache())
                }
            }
        "#]],
    );
}

#[test]
fn the_entry_of_an_ordinary_function_needs_no_ignored_argument() {
    expands(
        "ignore(_pool)",
        "fn count(_pool: Pool, shelf: &str) -> u64 { 0 }",
        &expect![[r#"
            fn count(_pool: Pool, shelf: &str) -> u64 {
                ::larder::__private::call(count::__site(), ::larder::__private::kind!(u64))
                    .lookup(
                        ::larder::__private::cache(),
                        |__key| {
                            ::larder::__private::arg!(__key, & shelf);
                        },
                    )
                    .load_blocking(move || count::uncached(_pool, shelf))
            }
            /// Companions of the cached function `count`.
            enum count {}
            impl count {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "count", | __site | __site.wire(|| ::larder::__private::wire!(u64))
                    )
                }
                /// The entry that holds (or would hold) the value of `count` for these arguments.
                fn entry(shelf: &str) -> ::larder::blocking::Entry<u64> {
                    ::larder::__private::call(Self::__site(), ::larder::__private::kind!(u64))
                        .target(
                            ::larder::__private::cache(),
                            |__key| {
                                ::larder::__private::arg!(__key, & shelf);
                            },
                        )
                        .bare_entry_blocking()
                }
                /// Runs the body of `count` and stores its result.
                fn refresh(_pool: Pool, shelf: &str) -> u64 {
                    ::larder::__private::call(Self::__site(), ::larder::__private::kind!(u64))
                        .refresh()
                        .lookup(
                            ::larder::__private::cache(),
                            |__key| {
                                ::larder::__private::arg!(__key, & shelf);
                            },
                        )
                        .load_blocking(move || Self::uncached(_pool, shelf))
                }
                /// Runs the body of `count`; reads and stores nothing.
                fn uncached(_pool: Pool, shelf: &str) -> u64 {
                    0
                }
                /// Every entry of `count`.
                fn all() -> ::larder::blocking::Group {
                    ::larder::__private::group_blocking(Self::__site(), ::larder::__private::cache())
                }
            }
        "#]],
    );
}
