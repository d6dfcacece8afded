//! Methods and associated functions.

use expect_test::expect;

use crate::tests::expands_method;

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
                                Hole("self.tenant")], | __site | __site.cache_expr("self.cache")
                            ),
                            ::larder::__private::kind!(Result < User, Error >),
                        )
                        .lookup(
                            &self.cache as &::larder::Cache,
                            |__key| {
                                __key.part(&id);
                                __key.text(":");
                                __key.part(&self.tenant);
                                ::larder::__private::undecided(&__arg1);
                                __key.self_type::<Self>();
                            },
                        )
                        .load(move || async move {
                            if let ::core::option::Option::Some(__value) = ::core::option::Option::None::<
                                Result<User, Error>,
                            > {
                                return __value;
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
                            ::larder::__private::site!(
                                "get", | __site | __site.timeout(1_000_000_000)
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
                            |__key| {
                                __key.self_name::<Self>();
                                __key.text(":");
                                __key.part(&id);
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
                            |__key| {
                                __key.part(&id);
                                __key.type_name::<T>();
                                __key.self_type::<Self>();
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
                            |__key| {
                                __key.part(&id);
                                __key.type_name::<T>();
                                __key.self_type::<Self>();
                            },
                        )
                        .entry(<Self>::__user_entry_uncached::<T>(self, id))
                }
                #[doc(hidden)]
                fn __user_entry_site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "get", "user:", [Text("user:"), Hole("id")], | __site | __site.generic()
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
                            |__key| {
                                __key.part(&id);
                                __key.self_type::<Self>();
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
                            |__key| {
                                __key.part(&id);
                                __key.self_type::<Self>();
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
