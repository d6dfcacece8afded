//! Every option.

use expect_test::expect;

use crate::tests::expands;

#[test]
fn every_option() {
    expands(
        r#"timeout = |user| user.timeout, key = "user:<id>:<page.number>:<page.size()>:<pair.0>", ignore(pool, cache), version = SCHEMA + 1,
           revision = page.updated_at, cache = cache, unless = id == 0, refresh_if = page.force, store_if = User::is_complete,
           cache_none = "10s", cache_err = 1.5, local, coalesce = false, crate = ::my::larder"#,
        "async fn user(id: u64, page: &Page, pair: (u32, u32), pool: PgPool, cache: Cache) -> Result<Option<User>, Error> { load(id) }",
        &expect![[r#"
            async fn user(
                id: u64,
                page: &Page,
                pair: (u32, u32),
                pool: PgPool,
                cache: Cache,
            ) -> Result<Option<User>, Error> {
                ::my::larder::__private::call(
                        user::__site(),
                        ::my::larder::__private::kind!(Result < Option < User >, Error >),
                    )
                    .unless(id == 0)
                    .refresh_if(page.force)
                    .store_if(User::is_complete)
                    .timeout_with(|user| user.timeout)
                    .cache_none()
                    .cache_err()
                    .lookup(
                        &cache as &::my::larder::Cache,
                        |__key| {
                            __key.part(&id);
                            __key.text(":");
                            __key.part(&page.number);
                            __key.text(":");
                            __key.part(&page.size());
                            __key.text(":");
                            __key.part(&pair.0);
                            __key.revision(&page.updated_at);
                        },
                    )
                    .load(move || user::uncached(id, page, pair, pool, cache))
                    .await
            }
            /// Companions of the cached function `user`.
            enum user {}
            impl user {
                fn __site() -> &'static ::my::larder::__private::Site {
                    ::my::larder::__private::site!(
                        "user", "user:", [Text("user:"), Hole("id"), Text(":"), Hole("page.number"),
                        Text(":"), Hole("page.size()"), Text(":"), Hole("pair.0")], | __site | __site
                        .version((SCHEMA + 1) as ::core::primitive::u64).cache_none(10_000_000_000)
                        .cache_err(1_500_000_000).local().uncoalesced().cache_expr("cache")
                    )
                }
                /// The entry that holds (or would hold) the value of `user` for these arguments.
                fn entry(
                    id: u64,
                    page: &Page,
                    pair: (u32, u32),
                    cache: Cache,
                ) -> ::my::larder::Entry<Result<Option<User>, Error>> {
                    ::my::larder::__private::call(
                            Self::__site(),
                            ::my::larder::__private::kind!(Result < Option < User >, Error >),
                        )
                        .store_if(User::is_complete)
                        .timeout_with(|user| user.timeout)
                        .cache_none()
                        .cache_err()
                        .target(
                            &cache as &::my::larder::Cache,
                            |__key| {
                                __key.part(&id);
                                __key.text(":");
                                __key.part(&page.number);
                                __key.text(":");
                                __key.part(&page.size());
                                __key.text(":");
                                __key.part(&pair.0);
                                __key.revision(&page.updated_at);
                            },
                        )
                        .bare_entry()
                }
                /// Runs the body of `user` and stores its result.
                async fn refresh(
                    id: u64,
                    page: &Page,
                    pair: (u32, u32),
                    pool: PgPool,
                    cache: Cache,
                ) -> Result<Option<User>, Error> {
                    ::my::larder::__private::call(
                            Self::__site(),
                            ::my::larder::__private::kind!(Result < Option < User >, Error >),
                        )
                        .refresh()
                        .store_if(User::is_complete)
                        .timeout_with(|user| user.timeout)
                        .cache_none()
                        .cache_err()
                        .lookup(
                            &cache as &::my::larder::Cache,
                            |__key| {
                                __key.part(&id);
                                __key.text(":");
                                __key.part(&page.number);
                                __key.text(":");
                                __key.part(&page.size());
                                __key.text(":");
                                __key.part(&pair.0);
                                __key.revision(&page.updated_at);
                            },
                        )
                        .load(move || Self::uncached(id, page, pair, pool, cache))
                        .await
                }
                /// Runs the body of `user`; reads and stores nothing.
                async fn uncached(
                    id: u64,
                    _page: &Page,
                    _pair: (u32, u32),
                    pool: PgPool,
                    _cache: Cache,
                ) -> Result<Option<User>, Error> {
                    load(id)
                }
                /// Every entry of `user`.
                fn all(cache: &::my::larder::Cache) -> ::my::larder::Group {
                    ::my::larder::__private::group(Self::__site(), cache)
                }
            }
        "#]],
    );
}

#[test]
fn flags_and_constants() {
    expands(
        r"timeout = never, cache_none, version = code, cache = &state::CACHE, ignore = (pool)",
        "fn rate(currency: &str, pool: PgPool) -> Option<u64> { ask(currency) }",
        &expect![[r#"
            fn rate(currency: &str, pool: PgPool) -> Option<u64> {
                ::larder::__private::call(rate::__site(), ::larder::__private::kind!(Option < u64 >))
                    .cache_none()
                    .lookup(
                        &state::CACHE,
                        |__key| {
                            ::larder::__private::arg!(__key, & currency);
                        },
                    )
                    .load_blocking(move || rate::uncached(currency, pool))
            }
            /// Companions of the cached function `rate`.
            enum rate {}
            impl rate {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "rate", | __site | __site.timeout(::core::primitive::u64::MAX)
                        .version(12792089941836308833).wire(|| ::larder::__private::wire!(Option <
                        u64 >)).cache_expr("&state::CACHE")
                    )
                }
                /// The entry that holds (or would hold) the value of `rate` for these arguments.
                fn entry(currency: &str) -> ::larder::blocking::Entry<Option<u64>> {
                    ::larder::__private::call(
                            Self::__site(),
                            ::larder::__private::kind!(Option < u64 >),
                        )
                        .cache_none()
                        .target(
                            &state::CACHE,
                            |__key| {
                                ::larder::__private::arg!(__key, & currency);
                            },
                        )
                        .bare_entry_blocking()
                }
                /// Runs the body of `rate` and stores its result.
                fn refresh(currency: &str, pool: PgPool) -> Option<u64> {
                    ::larder::__private::call(
                            Self::__site(),
                            ::larder::__private::kind!(Option < u64 >),
                        )
                        .refresh()
                        .cache_none()
                        .lookup(
                            &state::CACHE,
                            |__key| {
                                ::larder::__private::arg!(__key, & currency);
                            },
                        )
                        .load_blocking(move || Self::uncached(currency, pool))
                }
                /// Runs the body of `rate`; reads and stores nothing.
                fn uncached(currency: &str, pool: PgPool) -> Option<u64> {
                    ask(currency)
                }
                /// Every entry of `rate`.
                fn all() -> ::larder::blocking::Group {
                    ::larder::__private::group_blocking(Self::__site(), &state::CACHE)
                }
            }
        "#]],
    );
}

#[test]
fn the_entry_takes_ignored_arguments_that_the_cache_or_the_revision_needs() {
    expands(
        "ignore(state, at, db), cache = state.cache, revision = at",
        "fn price(state: &State, at: u64, db: &Db) -> u64 { 0 }",
        &expect![[r#"
            fn price(state: &State, at: u64, db: &Db) -> u64 {
                ::larder::__private::call(price::__site(), ::larder::__private::kind!(u64))
                    .lookup(
                        &state.cache as &::larder::Cache,
                        |__key| {
                            __key.revision(&at);
                        },
                    )
                    .load_blocking(move || price::uncached(state, at, db))
            }
            /// Companions of the cached function `price`.
            enum price {}
            impl price {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "price", | __site | __site.wire(|| ::larder::__private::wire!(u64))
                        .cache_expr("state.cache")
                    )
                }
                /// The entry that holds (or would hold) the value of `price` for these arguments.
                fn entry(state: &State, at: u64) -> ::larder::blocking::Entry<u64> {
                    ::larder::__private::call(Self::__site(), ::larder::__private::kind!(u64))
                        .target(
                            &state.cache as &::larder::Cache,
                            |__key| {
                                __key.revision(&at);
                            },
                        )
                        .bare_entry_blocking()
                }
                /// Runs the body of `price` and stores its result.
                fn refresh(state: &State, at: u64, db: &Db) -> u64 {
                    ::larder::__private::call(Self::__site(), ::larder::__private::kind!(u64))
                        .refresh()
                        .lookup(
                            &state.cache as &::larder::Cache,
                            |__key| {
                                __key.revision(&at);
                            },
                        )
                        .load_blocking(move || Self::uncached(state, at, db))
                }
                /// Runs the body of `price`; reads and stores nothing.
                fn uncached(_state: &State, _at: u64, db: &Db) -> u64 {
                    0
                }
                /// Every entry of `price`.
                fn all(cache: &::larder::Cache) -> ::larder::blocking::Group {
                    ::larder::__private::group_blocking(Self::__site(), cache)
                }
            }
        "#]],
    );
}
