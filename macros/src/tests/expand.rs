//! What the attribute expands to.

use expect_test::expect;

use super::{expands, expands_method};

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
                        |key| {
                            key.part(&id);
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
                        "get_user_data", "user_data:", [Text("user_data:"), Hole("id")], | site |
                        site.timeout(60_000_000_000)
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
                            |key| {
                                key.part(&id);
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
                        |key| {
                            ::larder::__private::arg!(key, & x);
                        },
                    )
                    .load_blocking(move || square::uncached(x))
            }
            /// Companions of the cached function `square`.
            enum square {}
            impl square {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!("square")
                }
                /// The entry that holds (or would hold) the value of `square` for these arguments.
                fn entry(
                    x: u64,
                ) -> ::larder::blocking::Entry<u64, impl ::core::ops::FnOnce() -> u64> {
                    ::larder::__private::call(Self::__site(), ::larder::__private::kind!(u64))
                        .target(
                            ::larder::__private::cache(),
                            |key| {
                                ::larder::__private::arg!(key, & x);
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
                        |key| {
                            key.part(&id);
                            key.text(":");
                            key.part(&page.number);
                            key.text(":");
                            key.part(&page.size());
                            key.text(":");
                            key.part(&pair.0);
                            key.revision(&page.updated_at);
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
                        Text(":"), Hole("page.size()"), Text(":"), Hole("pair.0")], | site | site
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
                            |key| {
                                key.part(&id);
                                key.text(":");
                                key.part(&page.number);
                                key.text(":");
                                key.part(&page.size());
                                key.text(":");
                                key.part(&pair.0);
                                key.revision(&page.updated_at);
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
                        .refresh_if(true)
                        .store_if(User::is_complete)
                        .timeout_with(|user| user.timeout)
                        .cache_none()
                        .cache_err()
                        .lookup(
                            &cache as &::my::larder::Cache,
                            |key| {
                                key.part(&id);
                                key.text(":");
                                key.part(&page.number);
                                key.text(":");
                                key.part(&page.size());
                                key.text(":");
                                key.part(&pair.0);
                                key.revision(&page.updated_at);
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
                        |key| {
                            ::larder::__private::arg!(key, & currency);
                        },
                    )
                    .load_blocking(move || rate::uncached(currency, pool))
            }
            /// Companions of the cached function `rate`.
            enum rate {}
            impl rate {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "rate", | site | site.timeout(::core::primitive::u64::MAX)
                        .version(12792089941836308833).cache_expr("&state::CACHE")
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
                            |key| {
                                ::larder::__private::arg!(key, & currency);
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
                        .refresh_if(true)
                        .cache_none()
                        .lookup(
                            &state::CACHE,
                            |key| {
                                ::larder::__private::arg!(key, & currency);
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
fn generics() {
    expands(
        r#"key = "page:<id>", ignore(_db)"#,
        "pub(crate) fn page<'a, T: Load, const N: usize>(id: u64, _db: &'a Db, mut count: u32) -> Arc<T> where T: Send + Sync + 'static { T::load(id) }",
        &expect![[r#"
            pub(crate) fn page<'a, T: Load, const N: usize>(
                id: u64,
                _db: &'a Db,
                count: u32,
            ) -> Arc<T>
            where
                T: Send + Sync + 'static,
            {
                ::larder::__private::call(page::__site(), ::larder::__private::kind!(Arc < T >))
                    .lookup(
                        ::larder::__private::cache(),
                        |key| {
                            key.part(&id);
                            ::larder::__private::undecided(&count);
                            key.type_name::<T>();
                            key.text(":");
                            key.part(&N);
                        },
                    )
                    .load_blocking(move || page::uncached::<T, N>(id, _db, count))
            }
            /// Companions of the cached function `page`.
            pub(crate) enum page {}
            impl page {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "page", "page:", [Text("page:"), Hole("id")], | site | site.generic()
                    )
                }
                /// The entry that holds (or would hold) the value of `page` for these arguments.
                pub(crate) fn entry<T: Load, const N: usize>(
                    id: u64,
                    count: u32,
                ) -> ::larder::blocking::Entry<Arc<T>>
                where
                    T: Send + Sync + 'static,
                {
                    ::larder::__private::call(Self::__site(), ::larder::__private::kind!(Arc < T >))
                        .target(
                            ::larder::__private::cache(),
                            |key| {
                                key.part(&id);
                                ::larder::__private::undecided(&count);
                                key.type_name::<T>();
                                key.text(":");
                                key.part(&N);
                            },
                        )
                        .bare_entry_blocking()
                }
                /// Runs the body of `page` and stores its result.
                pub(crate) fn refresh<'a, T: Load, const N: usize>(
                    id: u64,
                    _db: &'a Db,
                    count: u32,
                ) -> Arc<T>
                where
                    T: Send + Sync + 'static,
                {
                    ::larder::__private::call(Self::__site(), ::larder::__private::kind!(Arc < T >))
                        .refresh_if(true)
                        .lookup(
                            ::larder::__private::cache(),
                            |key| {
                                key.part(&id);
                                ::larder::__private::undecided(&count);
                                key.type_name::<T>();
                                key.text(":");
                                key.part(&N);
                            },
                        )
                        .load_blocking(move || Self::uncached::<T, N>(id, _db, count))
                }
                /// Runs the body of `page`; reads and stores nothing.
                pub(crate) fn uncached<'a, T: Load, const N: usize>(
                    id: u64,
                    _db: &'a Db,
                    mut count: u32,
                ) -> Arc<T>
                where
                    T: Send + Sync + 'static,
                {
                    T::load(id)
                }
                /// Every entry of `page`.
                pub(crate) fn all() -> ::larder::blocking::Group {
                    ::larder::__private::group_blocking(Self::__site(), ::larder::__private::cache())
                }
            }
        "#]],
    );
}

#[test]
fn patterns() {
    expands(
        r#"key = "page:<id>:<size>:<c>", unless = page.preview, ignore(d)"#,
        "fn page(Path(id): Path<u64>, Query(mut page): Query<Page>, Page { size, .. }: Page, _: u8, &(ref c, d): &(u8, u8)) -> u64 { id }",
        &expect![[r#"
            fn page(
                __arg0: Path<u64>,
                __arg1: Query<Page>,
                __arg2: Page,
                __arg3: u8,
                __arg4: &(u8, u8),
            ) -> u64 {
                ::larder::__private::call(page::__site(), ::larder::__private::kind!(u64))
                    .unless({
                        let Query(page) = &__arg1;
                        page.preview
                    })
                    .lookup(
                        ::larder::__private::cache(),
                        |key| {
                            let Path(id) = &__arg0;
                            let Page { size, .. } = &__arg2;
                            let &(ref c, _) = __arg4;
                            key.part(id);
                            key.text(":");
                            key.part(size);
                            key.text(":");
                            key.part(c);
                            ::larder::__private::undecided(&__arg1);
                        },
                    )
                    .load_blocking(move || page::uncached(__arg0, __arg1, __arg2, __arg3, __arg4))
            }
            /// Companions of the cached function `page`.
            enum page {}
            impl page {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "page", "page:", [Text("page:"), Hole("id"), Text(":"), Hole("size"),
                        Text(":"), Hole("c")]
                    )
                }
                /// The entry that holds (or would hold) the value of `page` for these arguments.
                fn entry(
                    __arg0: Path<u64>,
                    __arg1: Query<Page>,
                    __arg2: Page,
                    __arg3: u8,
                    __arg4: &(u8, u8),
                ) -> ::larder::blocking::Entry<u64, impl ::core::ops::FnOnce() -> u64> {
                    ::larder::__private::call(Self::__site(), ::larder::__private::kind!(u64))
                        .target(
                            ::larder::__private::cache(),
                            |key| {
                                let Path(id) = &__arg0;
                                let Page { size, .. } = &__arg2;
                                let &(ref c, _) = __arg4;
                                key.part(id);
                                key.text(":");
                                key.part(size);
                                key.text(":");
                                key.part(c);
                                ::larder::__private::undecided(&__arg1);
                            },
                        )
                        .entry_blocking(move || Self::uncached(
                            __arg0,
                            __arg1,
                            __arg2,
                            __arg3,
                            __arg4,
                        ))
                }
                /// Runs the body of `page`; reads and stores nothing.
                fn uncached(
                    Path(id): Path<u64>,
                    Query(_): Query<Page>,
                    Page { size: _, .. }: Page,
                    _: u8,
                    &(_, d): &(u8, u8),
                ) -> u64 {
                    id
                }
                /// Every entry of `page`.
                fn all() -> ::larder::blocking::Group {
                    ::larder::__private::group_blocking(Self::__site(), ::larder::__private::cache())
                }
            }
        "#]],
    );
}

#[test]
fn attributes() {
    expands(
        "",
        r#"/// Documented.
           ///
           /// # Errors
           ///
           /// Never.
           #[must_use]
           #[cfg(feature = "pages")]
           #[cfg_attr(feature = "log", instrument, expect(clippy::too_many_lines))]
           #[expect(clippy::too_many_arguments, dead_code, reason = "r")]
           #[allow(unused)]
           #[inline]
           #[doc(hidden)]
           pub fn page(#[expect(clippy::x)] #[other] id: u64) -> Result<u64, E> { Ok(id) }"#,
        &expect![[r#"
            /// Documented.
            ///
            /// # Errors
            ///
            /// Never.
            #[must_use]
            #[cfg(feature = "pages")]
            #[cfg_attr(feature = "log", instrument, allow(clippy::too_many_lines))]
            #[expect(dead_code, reason = "r")]
            #[allow(clippy::too_many_arguments, reason = "r")]
            #[allow(unused)]
            #[inline]
            #[doc(hidden)]
            pub fn page(#[other] id: u64) -> Result<u64, E> {
                ::larder::__private::call(
                        page::__site(),
                        ::larder::__private::kind!(Result < u64, E >),
                    )
                    .lookup(
                        ::larder::__private::cache(),
                        |key| {
                            ::larder::__private::arg!(key, & id);
                        },
                    )
                    .load_blocking(move || page::uncached(id))
            }
            /// Companions of the cached function `page`.
            #[cfg(feature = "pages")]
            #[doc(hidden)]
            pub enum page {}
            #[cfg(feature = "pages")]
            #[doc(hidden)]
            #[cfg_attr(feature = "log", allow(clippy::too_many_lines))]
            #[allow(clippy::too_many_arguments, reason = "r")]
            #[allow(unused)]
            impl page {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!("page")
                }
                /// The entry that holds (or would hold) the value of `page` for these arguments.
                pub fn entry(
                    id: u64,
                ) -> ::larder::blocking::Entry<
                    Result<u64, E>,
                    impl ::core::ops::FnOnce() -> Result<u64, E>,
                > {
                    ::larder::__private::call(
                            Self::__site(),
                            ::larder::__private::kind!(Result < u64, E >),
                        )
                        .target(
                            ::larder::__private::cache(),
                            |key| {
                                ::larder::__private::arg!(key, & id);
                            },
                        )
                        .entry_blocking(move || Self::uncached(id))
                }
                /// Runs the body of `page`; reads and stores nothing.
                /**
            # Errors

            As for `page`.*/
                #[must_use]
                #[cfg_attr(feature = "log", expect(clippy::too_many_lines))]
                #[expect(clippy::too_many_arguments, reason = "r")]
                pub fn uncached(#[expect(clippy::x)] id: u64) -> Result<u64, E> {
                    Ok(id)
                }
                /// Every entry of `page`.
                pub fn all() -> ::larder::blocking::Group {
                    ::larder::__private::group_blocking(Self::__site(), ::larder::__private::cache())
                }
            }
        "#]],
    );
}

#[test]
fn a_method() {
    expands_method(
        r#"key = "user:<id>:<self.tenant>", cache = self.cache"#,
        "async fn get(&self, mut id: u64, (a, b): (u64, u64)) -> Result<User, Error> { id += a; Ok(self.load(id).await?) }",
        &expect![[r#"
            impl Users {
                async fn get(&self, mut id: u64, __arg1: (u64, u64)) -> Result<User, Error> {
                    ::larder::__private::call(
                            ::larder::__private::site!(
                                "get", "user:", [Text("user:"), Hole("id"), Text(":"),
                                Hole("self.tenant")], | site | site.cache_expr("self.cache")
                            ),
                            ::larder::__private::kind!(Result < User, Error >),
                        )
                        .lookup(
                            &self.cache as &::larder::Cache,
                            |key| {
                                key.part(&id);
                                key.text(":");
                                key.part(&self.tenant);
                                ::larder::__private::undecided(&__arg1);
                                key.self_type::<Self>();
                            },
                        )
                        .load(move || async move {
                            if let ::core::option::Option::Some(value) = ::core::option::Option::None::<
                                Result<User, Error>,
                            > {
                                return value;
                            }
                            let (a, b) = __arg1;
                            {
                                id += a;
                                Ok(self.load(id).await?)
                            }
                        })
                        .await
                }
            }
        "#]],
    );
}

#[test]
fn a_blocking_method() {
    expands_method(
        r"ignore(self), timeout = 1",
        "fn get(&self, id: u64) -> u64 { id }",
        &expect![[r#"
            impl Users {
                fn get(&self, id: u64) -> u64 {
                    ::larder::__private::call(
                            ::larder::__private::site!("get", | site | site.timeout(1_000_000_000)),
                            ::larder::__private::kind!(u64),
                        )
                        .lookup(
                            ::larder::__private::cache(),
                            |key| {
                                ::larder::__private::arg!(key, & id);
                                key.self_type::<Self>();
                            },
                        )
                        .load_blocking(move || -> u64 { id })
                }
            }
        "#]],
    );
}

#[test]
fn an_associated_function() {
    expands_method(
        r#"key = "<Self>:<id>""#,
        "fn get(id: u64) -> u64 { id }",
        &expect![[r#"
        impl Users {
            fn get(id: u64) -> u64 {
                ::larder::__private::call(
                        ::larder::__private::site!(
                            "get", "", [Hole("Self"), Text(":"), Hole("id")]
                        ),
                        ::larder::__private::kind!(u64),
                    )
                    .lookup(
                        ::larder::__private::cache(),
                        |key| {
                            key.self_name::<Self>();
                            key.text(":");
                            key.part(&id);
                        },
                    )
                    .load_blocking(move || -> u64 { id })
            }
        }
    "#]],
    );
}

#[test]
fn a_method_with_an_entry() {
    expands_method(
        r#"key = "user:<id>", ignore(self), entry = user_entry"#,
        "pub async fn get<T: Load>(&self, mut id: u64) -> Arc<T> { T::load(id) }",
        &expect![[r#"
            impl Users {
                pub async fn get<T: Load>(&self, id: u64) -> Arc<T> {
                    ::larder::__private::call(
                            <Self>::__user_entry_site(),
                            ::larder::__private::kind!(Arc < T >),
                        )
                        .lookup(
                            ::larder::__private::cache(),
                            |key| {
                                key.part(&id);
                                key.type_name::<T>();
                                key.self_type::<Self>();
                            },
                        )
                        .load(move || <Self>::__user_entry_uncached::<T>(self, id))
                        .await
                }
                /// The entry that holds (or would hold) the value of `get` for these arguments.
                pub fn user_entry<T: Load>(
                    &self,
                    id: u64,
                ) -> ::larder::Entry<Arc<T>, impl ::core::future::Future<Output = Arc<T>>> {
                    ::larder::__private::call(
                            <Self>::__user_entry_site(),
                            ::larder::__private::kind!(Arc < T >),
                        )
                        .target(
                            ::larder::__private::cache(),
                            |key| {
                                key.part(&id);
                                key.type_name::<T>();
                                key.self_type::<Self>();
                            },
                        )
                        .entry(<Self>::__user_entry_uncached::<T>(self, id))
                }
                #[doc(hidden)]
                fn __user_entry_site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "get", "user:", [Text("user:"), Hole("id")], | site | site.generic()
                    )
                }
                #[doc(hidden)]
                async fn __user_entry_uncached<T: Load>(_: &Self, mut id: u64) -> Arc<T> {
                    T::load(id)
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
                        |key| {
                            key.part(&shelf);
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
                            |key| {
                                key.part(&shelf);
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
                        .refresh_if(true)
                        .lookup(
                            ::larder::__private::cache(),
                            |key| {
                                key.part(&shelf);
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
                        |key| {
                            ::larder::__private::arg!(key, & shelf);
                        },
                    )
                    .load_blocking(move || count::uncached(_pool, shelf))
            }
            /// Companions of the cached function `count`.
            enum count {}
            impl count {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!("count")
                }
                /// The entry that holds (or would hold) the value of `count` for these arguments.
                fn entry(shelf: &str) -> ::larder::blocking::Entry<u64> {
                    ::larder::__private::call(Self::__site(), ::larder::__private::kind!(u64))
                        .target(
                            ::larder::__private::cache(),
                            |key| {
                                ::larder::__private::arg!(key, & shelf);
                            },
                        )
                        .bare_entry_blocking()
                }
                /// Runs the body of `count` and stores its result.
                fn refresh(_pool: Pool, shelf: &str) -> u64 {
                    ::larder::__private::call(Self::__site(), ::larder::__private::kind!(u64))
                        .refresh_if(true)
                        .lookup(
                            ::larder::__private::cache(),
                            |key| {
                                ::larder::__private::arg!(key, & shelf);
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
                        |key| {
                            key.revision(&at);
                        },
                    )
                    .load_blocking(move || price::uncached(state, at, db))
            }
            /// Companions of the cached function `price`.
            enum price {}
            impl price {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!("price", | site | site.cache_expr("state.cache"))
                }
                /// The entry that holds (or would hold) the value of `price` for these arguments.
                fn entry(state: &State, at: u64) -> ::larder::blocking::Entry<u64> {
                    ::larder::__private::call(Self::__site(), ::larder::__private::kind!(u64))
                        .target(
                            &state.cache as &::larder::Cache,
                            |key| {
                                key.revision(&at);
                            },
                        )
                        .bare_entry_blocking()
                }
                /// Runs the body of `price` and stores its result.
                fn refresh(state: &State, at: u64, db: &Db) -> u64 {
                    ::larder::__private::call(Self::__site(), ::larder::__private::kind!(u64))
                        .refresh_if(true)
                        .lookup(
                            &state.cache as &::larder::Cache,
                            |key| {
                                key.revision(&at);
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

#[test]
fn the_entry_of_a_method_keeps_its_receiver() {
    expands_method(
        r#"key = "user:<id>", ignore(self, db), entry = user_entry"#,
        "pub async fn user(&self, id: u64, db: &Db) -> User { db.user(id).await }",
        &expect![[r#"
            impl Users {
                pub async fn user(&self, id: u64, db: &Db) -> User {
                    ::larder::__private::call(
                            <Self>::__user_entry_site(),
                            ::larder::__private::kind!(User),
                        )
                        .lookup(
                            ::larder::__private::cache(),
                            |key| {
                                key.part(&id);
                                key.self_type::<Self>();
                            },
                        )
                        .load(move || <Self>::__user_entry_uncached(self, id, db))
                        .await
                }
                /// The entry that holds (or would hold) the value of `user` for these arguments.
                pub fn user_entry(&self, id: u64) -> ::larder::Entry<User> {
                    ::larder::__private::call(
                            <Self>::__user_entry_site(),
                            ::larder::__private::kind!(User),
                        )
                        .target(
                            ::larder::__private::cache(),
                            |key| {
                                key.part(&id);
                                key.self_type::<Self>();
                            },
                        )
                        .bare_entry()
                }
                #[doc(hidden)]
                fn __user_entry_site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!("user", "user:", [Text("user:"), Hole("id")])
                }
                #[doc(hidden)]
                async fn __user_entry_uncached(_: &Self, id: u64, db: &Db) -> User {
                    db.user(id).await
                }
            }
        "#]],
    );
}
