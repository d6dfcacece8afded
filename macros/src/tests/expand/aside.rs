//! Options that let the body run on the side, jitter and `stale_if_error`.

use expect_test::expect;

use crate::tests::{expands, expands_method};

#[test]
fn a_function_that_may_run_on_the_side() {
    expands(
        r#"timeout = 60, key = "user:<id>:<name>", ignore(db), stale_while_revalidate = "30s", stale_if_error = "1h", soft_timeout = "200ms", early = 0.8, jitter = 0.1"#,
        r#"async fn user(id: u64, name: &str, db: &Db) -> Result<User, Error> { db.load(id, name).await }"#,
        &expect![[r#"
            async fn user(id: u64, name: &str, db: &Db) -> Result<User, Error> {
                ::larder::__private::call(
                        user::__site(),
                        ::larder::__private::kind!(Result < User, Error >),
                    )
                    .stale_if_error()
                    .lookup(
                        ::larder::__private::cache(),
                        |__key| {
                            __key.part(&id);
                            __key.text(":");
                            __key.part(&name);
                        },
                    )
                    .load_or_refresh(
                        (id, name, db),
                        |(id, name, db)| user::uncached(id, name, db),
                        |(id, name, db)| {
                            let id = ::larder::__private::keep(id);
                            let name = ::larder::__private::own(name);
                            let db = ::larder::__private::own(db);
                            async move { user::uncached(id, &*name, &*db).await }
                        },
                    )
                    .await
            }
            /// Companions of the cached function `user`.
            enum user {}
            impl user {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "user", "user:", [Text("user:"), Hole("id"), Text(":"), Hole("name")], |
                        __site | __site.timeout(60_000_000_000)
                        .stale_while_revalidate(30_000_000_000).stale_if_error(3_600_000_000_000)
                        .soft_timeout(200_000_000).early_fraction(800_000).jitter(100_000).wire(||
                        ::larder::__private::wire!(Result < User, Error >))
                    )
                }
                /// The entry that holds (or would hold) the value of `user` for these arguments.
                fn entry(id: u64, name: &str) -> ::larder::Entry<Result<User, Error>> {
                    ::larder::__private::call(
                            Self::__site(),
                            ::larder::__private::kind!(Result < User, Error >),
                        )
                        .stale_if_error()
                        .target(
                            ::larder::__private::cache(),
                            |__key| {
                                __key.part(&id);
                                __key.text(":");
                                __key.part(&name);
                            },
                        )
                        .bare_entry()
                }
                /// Runs the body of `user` and stores its result.
                async fn refresh(id: u64, name: &str, db: &Db) -> Result<User, Error> {
                    ::larder::__private::call(
                            Self::__site(),
                            ::larder::__private::kind!(Result < User, Error >),
                        )
                        .refresh()
                        .stale_if_error()
                        .lookup(
                            ::larder::__private::cache(),
                            |__key| {
                                __key.part(&id);
                                __key.text(":");
                                __key.part(&name);
                            },
                        )
                        .load(move || Self::uncached(id, name, db))
                        .await
                }
                /// Runs the body of `user`; reads and stores nothing.
                async fn uncached(id: u64, name: &str, db: &Db) -> Result<User, Error> {
                    db.load(id, name).await
                }
                /// Every entry of `user`.
                fn all() -> ::larder::Group {
                    ::larder::__private::group(Self::__site(), ::larder::__private::cache())
                }
            }
        "#]],
    );
}

#[test]
fn an_ordinary_function_that_may_run_on_the_side() {
    expands(
        r#"early = "45s""#,
        r#"fn user<T: Load>(mut id: u64, (a, b): (u32, T), list: &'static [u8]) -> T { T::load(id, a, b) }"#,
        &expect![[r#"
            fn user<T: Load>(id: u64, __arg1: (u32, T), list: &'static [u8]) -> T {
                ::larder::__private::call(user::__site(), ::larder::__private::kind!(T))
                    .lookup(
                        ::larder::__private::cache(),
                        |__key| {
                            ::larder::__private::arg!(__key, & id);
                            ::larder::__private::arg!(__key, & __arg1);
                            ::larder::__private::arg!(__key, & list);
                            __key.type_name::<T>();
                        },
                    )
                    .load_or_refresh_blocking(
                        (id, __arg1, list),
                        |(id, __arg1, list)| user::uncached::<T>(id, __arg1, list),
                        |(id, __arg1, list)| {
                            let id = ::larder::__private::keep(id);
                            let __arg1 = ::larder::__private::keep(__arg1);
                            let list = ::larder::__private::keep(list);
                            move || user::uncached::<T>(id, __arg1, list)
                        },
                    )
            }
            /// Companions of the cached function `user`.
            enum user {}
            impl user {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "user", | __site | __site.early_age(45_000_000_000).generic()
                    )
                }
                /// The entry that holds (or would hold) the value of `user` for these arguments.
                fn entry<T: Load>(
                    id: u64,
                    __arg1: (u32, T),
                    list: &'static [u8],
                ) -> ::larder::blocking::Entry<T, impl ::core::ops::FnOnce() -> T> {
                    ::larder::__private::call(Self::__site(), ::larder::__private::kind!(T))
                        .target(
                            ::larder::__private::cache(),
                            |__key| {
                                ::larder::__private::arg!(__key, & id);
                                ::larder::__private::arg!(__key, & __arg1);
                                ::larder::__private::arg!(__key, & list);
                                __key.type_name::<T>();
                            },
                        )
                        .entry_blocking(move || Self::uncached::<T>(id, __arg1, list))
                }
                /// Runs the body of `user`; reads and stores nothing.
                fn uncached<T: Load>(mut id: u64, (a, b): (u32, T), list: &'static [u8]) -> T {
                    T::load(id, a, b)
                }
                /// Every entry of `user`.
                fn all() -> ::larder::blocking::Group {
                    ::larder::__private::group_blocking(Self::__site(), ::larder::__private::cache())
                }
            }
        "#]],
    );
}

#[test]
fn without_arguments() {
    expands(
        r#"stale_while_revalidate = never"#,
        r#"async fn all() -> u64 { 1 }"#,
        &expect![[r#"
            async fn all() -> u64 {
                ::larder::__private::call(all::__site(), ::larder::__private::kind!(u64))
                    .lookup(::larder::__private::cache(), |_| {})
                    .load_or_refresh(
                        (),
                        |()| all::uncached(),
                        |()| async move { all::uncached().await },
                    )
                    .await
            }
            /// Companions of the cached function `all`.
            enum all {}
            impl all {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "all", | __site | __site.stale_while_revalidate(::core::primitive::u64::MAX)
                        .wire(|| ::larder::__private::wire!(u64))
                    )
                }
                /// The entry that holds (or would hold) the value of `all` for these arguments.
                fn entry() -> ::larder::Entry<u64, impl ::core::future::Future<Output = u64>> {
                    ::larder::__private::call(Self::__site(), ::larder::__private::kind!(u64))
                        .target(::larder::__private::cache(), |_| {})
                        .entry(Self::uncached())
                }
                /// Runs the body of `all`; reads and stores nothing.
                async fn uncached() -> u64 {
                    1
                }
                /// Every entry of `all`.
                fn all() -> ::larder::Group {
                    ::larder::__private::group(Self::__site(), ::larder::__private::cache())
                }
            }
        "#]],
    );
}

#[test]
fn old_values_for_errors_need_no_side() {
    expands(
        r#"stale_if_error = never, jitter = 0"#,
        r#"fn user(id: u64) -> Result<u64, Error> { load(id) }"#,
        &expect![[r#"
            fn user(id: u64) -> Result<u64, Error> {
                ::larder::__private::call(
                        user::__site(),
                        ::larder::__private::kind!(Result < u64, Error >),
                    )
                    .stale_if_error()
                    .lookup(
                        ::larder::__private::cache(),
                        |__key| {
                            ::larder::__private::arg!(__key, & id);
                        },
                    )
                    .load_blocking(move || user::uncached(id))
            }
            /// Companions of the cached function `user`.
            enum user {}
            impl user {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "user", | __site | __site.stale_if_error(::core::primitive::u64::MAX)
                        .jitter(0).wire(|| ::larder::__private::wire!(Result < u64, Error >))
                    )
                }
                /// The entry that holds (or would hold) the value of `user` for these arguments.
                fn entry(
                    id: u64,
                ) -> ::larder::blocking::Entry<
                    Result<u64, Error>,
                    impl ::core::ops::FnOnce() -> Result<u64, Error>,
                > {
                    ::larder::__private::call(
                            Self::__site(),
                            ::larder::__private::kind!(Result < u64, Error >),
                        )
                        .stale_if_error()
                        .target(
                            ::larder::__private::cache(),
                            |__key| {
                                ::larder::__private::arg!(__key, & id);
                            },
                        )
                        .entry_blocking(move || Self::uncached(id))
                }
                /// Runs the body of `user`; reads and stores nothing.
                fn uncached(id: u64) -> Result<u64, Error> {
                    load(id)
                }
                /// Every entry of `user`.
                fn all() -> ::larder::blocking::Group {
                    ::larder::__private::group_blocking(Self::__site(), ::larder::__private::cache())
                }
            }
        "#]],
    );
}

#[test]
fn a_method_with_an_entry() {
    expands_method(
        r#"key = "user:<self.tenant>:<id>", early = 0.5, entry = user_entry"#,
        r#"async fn user(&self, id: u64) -> u64 { id }"#,
        &expect![[r#"
            impl Users {
                async fn user(&self, id: u64) -> u64 {
                    ::larder::__private::siblings!(
                        __user_entry_site : ::larder::__private::Inherent, __user_entry_uncached[]
                        (this, id) -> ::core::future::Ready < Output >
                    );
                    ::larder::__private::call(
                            <Self>::__user_entry_site(),
                            ::larder::__private::kind!(u64),
                        )
                        .lookup(
                            ::larder::__private::cache(),
                            |__key| {
                                __key.part(&self.tenant);
                                __key.text(":");
                                __key.part(&id);
                                __key.self_type::<Self>();
                            },
                        )
                        .load_or_refresh(
                            (self, id),
                            |(this, id)| <Self>::__user_entry_uncached(this, id),
                            |(this, id)| {
                                let this = ::larder::__private::own(this);
                                let id = ::larder::__private::keep(id);
                                async move { <Self>::__user_entry_uncached(&*this, id).await }
                            },
                        )
                        .await
                }
                /// The entry that holds (or would hold) the value of `user` for these arguments.
                fn user_entry(
                    &self,
                    id: u64,
                ) -> ::larder::Entry<u64, impl ::core::future::Future<Output = u64>> {
                    ::larder::__private::siblings!(
                        __user_entry_site, __user_entry_uncached[] (this, id) ->
                        ::core::future::Ready < Output >
                    );
                    ::larder::__private::call(
                            <Self>::__user_entry_site(),
                            ::larder::__private::kind!(u64),
                        )
                        .target(
                            ::larder::__private::cache(),
                            |__key| {
                                __key.part(&self.tenant);
                                __key.text(":");
                                __key.part(&id);
                                __key.self_type::<Self>();
                            },
                        )
                        .entry(<Self>::__user_entry_uncached(self, id))
                }
                #[doc(hidden)]
                fn __user_entry_site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "user", "user:", [Text("user:"), Hole("self.tenant"), Text(":"), Hole("id")],
                        | __site | __site.early_fraction(500_000)
                    )
                }
                #[doc(hidden)]
                async fn __user_entry_uncached(_: &Self, id: u64) -> u64 {
                    id
                }
            }
        "#]],
    );
}

#[test]
fn a_body_that_stays_inside() {
    expands_method(
        r#"key = "user:<self.tenant>:<id>", ignore(_unused), stale_while_revalidate = "1m""#,
        r#"async fn user(&self, mut id: u64, name: &str, (a, b): (u64, &'static str), _unused: &Db) -> Result<u64, Error> { id += a; self.load(id, name).await?; info!("{self:?}"); self::done(id) }"#,
        &expect![[r#"
            impl Users {
                async fn user(
                    &self,
                    id: u64,
                    name: &str,
                    __arg2: (u64, &'static str),
                    _unused: &Db,
                ) -> Result<u64, Error> {
                    ::larder::__private::call(
                            ::larder::__private::site!(
                                "user", "user:", [Text("user:"), Hole("self.tenant"), Text(":"),
                                Hole("id")], | __site | __site.stale_while_revalidate(60_000_000_000)
                            ),
                            ::larder::__private::kind!(Result < u64, Error >),
                        )
                        .lookup(
                            ::larder::__private::cache(),
                            |__key| {
                                __key.part(&self.tenant);
                                __key.text(":");
                                __key.part(&id);
                                ::larder::__private::undecided(&name);
                                ::larder::__private::undecided(&__arg2);
                                __key.self_type::<Self>();
                            },
                        )
                        .load_owned(
                            (self, id, name, __arg2),
                            |(this, id, name, __arg2)| {
                                let this = ::larder::__private::own(this);
                                let id = ::larder::__private::keep(id);
                                let name = ::larder::__private::own(name);
                                let __arg2 = ::larder::__private::keep(__arg2);
                                async move {
                                    if let ::core::option::Option::Some(__value) = ::core::option::Option::None::<
                                        Result<u64, Error>,
                                    > {
                                        return __value;
                                    }
                                    let this = &*this;
                                    let mut id = id;
                                    let name = &*name;
                                    let (a, b) = __arg2;
                                    {
                                        id += a;
                                        this.load(id, name).await?;
                                        info!("{this:?}");
                                        self::done(id)
                                    }
                                }
                            },
                        )
                        .await
                }
            }
        "#]],
    );
}

#[test]
fn a_blocking_body_that_stays_inside() {
    expands_method(
        r#"ignore(self, _db), stale_while_revalidate = "1m""#,
        r#"fn user(self: Arc<Self>, id: u64, _db: &Db) -> u64 { _db.load(3) }"#,
        &expect![[r#"
            impl Users {
                fn user(self: Arc<Self>, id: u64, _db: &Db) -> u64 {
                    ::larder::__private::call(
                            ::larder::__private::site!(
                                "user", | __site | __site.stale_while_revalidate(60_000_000_000)
                            ),
                            ::larder::__private::kind!(u64),
                        )
                        .lookup(
                            ::larder::__private::cache(),
                            |__key| {
                                ::larder::__private::arg!(__key, & id);
                                __key.self_type::<Self>();
                            },
                        )
                        .load_owned_blocking(
                            (_db,),
                            |(_db,)| {
                                let _db = ::larder::__private::own(_db);
                                move || -> u64 {
                                    let _db = &*_db;
                                    { _db.load(3) }
                                }
                            },
                        )
                }
            }
        "#]],
    );
}
