//! Tags.

use expect_test::expect;

use crate::tests::{expands, expands_method};

#[test]
fn tags() {
    expands(
        r#"key = "user:<id>", ignore(team, db, number), tags("team:<team.id>", "page:<number>", "all")"#,
        r#"async fn user(id: u64, team: &Team, db: &Db, Page { number: number, .. }: Page) -> User { db.load(id) }"#,
        &expect![[r#"
            async fn user(id: u64, team: &Team, db: &Db, __arg3: Page) -> User {
                ::larder::__private::call(user::__site(), ::larder::__private::kind!(User))
                    .lookup(
                        ::larder::__private::cache(),
                        |__key| {
                            __key.part(&id);
                        },
                    )
                    .tagged(|__tags| {
                        let Page { number: number, .. } = &__arg3;
                        __tags
                            .add(|__key| {
                                __key.text("team:");
                                __key.part(&team.id);
                            });
                        __tags
                            .add(|__key| {
                                __key.text("page:");
                                __key.part(number);
                            });
                        __tags
                            .add(|__key| {
                                __key.text("all");
                            });
                    })
                    .load(move || user::uncached(id, team, db, __arg3))
                    .await
            }
            /// Companions of the cached function `user`.
            enum user {}
            impl user {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "user", "user:", [Text("user:"), Hole("id")], | __site | __site.wire(||
                        ::larder::__private::wire!(User))
                    )
                }
                /// The entry that holds (or would hold) the value of `user` for these arguments.
                fn entry(id: u64, team: &Team, __arg3: Page) -> ::larder::Entry<User> {
                    ::larder::__private::call(Self::__site(), ::larder::__private::kind!(User))
                        .target(
                            ::larder::__private::cache(),
                            |__key| {
                                __key.part(&id);
                            },
                        )
                        .tagged(|__tags| {
                            let Page { number: number, .. } = &__arg3;
                            __tags
                                .add(|__key| {
                                    __key.text("team:");
                                    __key.part(&team.id);
                                });
                            __tags
                                .add(|__key| {
                                    __key.text("page:");
                                    __key.part(number);
                                });
                            __tags
                                .add(|__key| {
                                    __key.text("all");
                                });
                        })
                        .bare_entry()
                }
                /// Runs the body of `user` and stores its result.
                async fn refresh(id: u64, team: &Team, db: &Db, __arg3: Page) -> User {
                    ::larder::__private::call(Self::__site(), ::larder::__private::kind!(User))
                        .refresh()
                        .lookup(
                            ::larder::__private::cache(),
                            |__key| {
                                __key.part(&id);
                            },
                        )
                        .tagged(|__tags| {
                            let Page { number: number, .. } = &__arg3;
                            __tags
                                .add(|__key| {
                                    __key.text("team:");
                                    __key.part(&team.id);
                                });
                            __tags
                                .add(|__key| {
                                    __key.text("page:");
                                    __key.part(number);
                                });
                            __tags
                                .add(|__key| {
                                    __key.text("all");
                                });
                        })
                        .load(move || Self::uncached(id, team, db, __arg3))
                        .await
                }
                /// Runs the body of `user`; reads and stores nothing.
                async fn uncached(
                    id: u64,
                    _team: &Team,
                    db: &Db,
                    Page { number: _, .. }: Page,
                ) -> User {
                    db.load(id)
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
fn tags_of_a_method() {
    expands_method(
        r#"key = "user:<id>", ignore(self), tags("tenant:<self.tenant>", "type:<Self>")"#,
        r#"fn user(&self, id: u64) -> User { id }"#,
        &expect![[r#"
            impl Users {
                fn user(&self, id: u64) -> User {
                    ::larder::__private::call(
                            ::larder::__private::site!("user", "user:", [Text("user:"), Hole("id")]),
                            ::larder::__private::kind!(User),
                        )
                        .lookup(
                            ::larder::__private::cache(),
                            |__key| {
                                __key.part(&id);
                                __key.self_type::<Self>();
                            },
                        )
                        .tagged(|__tags| {
                            __tags
                                .add(|__key| {
                                    __key.text("tenant:");
                                    __key.part(&self.tenant);
                                });
                            __tags
                                .add(|__key| {
                                    __key.text("type:");
                                    __key.self_name::<Self>();
                                });
                        })
                        .load_blocking(move || -> User { id })
                }
            }
        "#]],
    );
}
