//! Batches.

use expect_test::expect;

use crate::tests::{expands, expands_method};

#[test]
fn a_batch() {
    expands(
        r#"batch, timeout = 60, key = "row:<ids>", ignore(db), chunk = 500, tags("row:<ids>", "all")"#,
        r#"pub fn rows(ids: &[u64], db: &Db) -> HashMap<u64, Row> { db.load(ids) }"#,
        &expect![[r#"
            pub fn rows(ids: &[u64], db: &Db) -> HashMap<u64, Row> {
                ::larder::__private::call(
                        rows::__site(),
                        ::larder::__private::batch_kind!(HashMap < u64, Row >, u64),
                    )
                    .lookup_batch(
                        ::larder::__private::cache(),
                        &ids[..],
                        |ids, __key| {
                            __key.id(ids);
                        },
                    )
                    .tagged(|ids, __tags| {
                        __tags
                            .add(|__key| {
                                __key.text("row:");
                                __key.id(ids);
                            });
                        __tags
                            .add(|__key| {
                                __key.text("all");
                            });
                    })
                    .chunk(500)
                    .load_blocking(
                        ::larder::__private::repeated(
                            (db,),
                            |(db,)| (::larder::__private::again(db),),
                        ),
                        |(db,), ids| rows::uncached(&ids[..], db),
                    )
            }
            /// Companions of the cached function `rows`.
            pub enum rows {}
            impl rows {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "rows", "row:", [Text("row:"), Hole("ids")], | __site | __site
                        .timeout(60_000_000_000).wire(||
                        ::larder::__private::wire!(::core::option::Option < Row >))
                    )
                }
                /// The entry that holds (or would hold) the value of `rows` for these arguments.
                pub fn entry(ids: u64) -> ::larder::blocking::Entry<::core::option::Option<Row>> {
                    ::larder::__private::call(
                            Self::__site(),
                            ::larder::__private::batch_kind!(HashMap < u64, Row >, u64),
                        )
                        .target(
                            ::larder::__private::cache(),
                            |__key| {
                                let ids = &ids;
                                __key.id(ids);
                            },
                        )
                        .tagged(|__tags| {
                            let ids = &ids;
                            __tags
                                .add(|__key| {
                                    __key.text("row:");
                                    __key.id(ids);
                                });
                            __tags
                                .add(|__key| {
                                    __key.text("all");
                                });
                        })
                        .bare_entry_blocking()
                }
                /// What `rows` says about one id.
                pub fn one(ids: u64, db: &Db) -> ::core::option::Option<Row> {
                    ::larder::__private::call(
                            Self::__site(),
                            ::larder::__private::batch_kind!(HashMap < u64, Row >, u64),
                        )
                        .lookup(
                            ::larder::__private::cache(),
                            |__key| {
                                let ids = &ids;
                                __key.id(ids);
                            },
                        )
                        .tagged(|__tags| {
                            let ids = &ids;
                            __tags
                                .add(|__key| {
                                    __key.text("row:");
                                    __key.id(ids);
                                });
                            __tags
                                .add(|__key| {
                                    __key.text("all");
                                });
                        })
                        .load_blocking(move || {
                            ::larder::__private::only!(
                                Self::uncached(& [::larder::__private::one_id!(& ids, u64)], db), &
                                ids
                            )
                        })
                }
                /// Runs the body of `rows` and stores its result.
                pub fn refresh(ids: &[u64], db: &Db) -> HashMap<u64, Row> {
                    ::larder::__private::call(
                            Self::__site(),
                            ::larder::__private::batch_kind!(HashMap < u64, Row >, u64),
                        )
                        .refresh()
                        .lookup_batch(
                            ::larder::__private::cache(),
                            &ids[..],
                            |ids, __key| {
                                __key.id(ids);
                            },
                        )
                        .tagged(|ids, __tags| {
                            __tags
                                .add(|__key| {
                                    __key.text("row:");
                                    __key.id(ids);
                                });
                            __tags
                                .add(|__key| {
                                    __key.text("all");
                                });
                        })
                        .chunk(500)
                        .load_blocking(
                            ::larder::__private::repeated(
                                (db,),
                                |(db,)| (::larder::__private::again(db),),
                            ),
                            |(db,), ids| Self::uncached(&ids[..], db),
                        )
                }
                /// Runs the body of `rows`; reads and stores nothing.
                pub fn uncached(ids: &[u64], db: &Db) -> HashMap<u64, Row> {
                    db.load(ids)
                }
                /// Every entry of `rows`.
                pub fn all() -> ::larder::blocking::Group {
                    ::larder::__private::group_blocking(Self::__site(), ::larder::__private::cache())
                }
            }
        "#]],
    );
}

#[test]
fn an_async_batch_by_value() {
    expands(
        r#"batch, unless = ids.is_empty() || preview, chunk = MOST"#,
        r#"async fn rows<T: Load>(preview: bool, ids: Vec<T>) -> Result<BTreeMap<T, Row>, Error> { T::load(ids).await }"#,
        &expect![[r#"
            async fn rows<T: Load>(preview: bool, ids: Vec<T>) -> Result<BTreeMap<T, Row>, Error> {
                ::larder::__private::call(
                        rows::__site(),
                        ::larder::__private::batch_kind!(Result < BTreeMap < T, Row >, Error >, T),
                    )
                    .unless(ids.is_empty() || preview)
                    .lookup_batch(
                        ::larder::__private::cache(),
                        &::core::convert::identity(ids)[..],
                        |ids, __key| {
                            ::larder::__private::arg!(__key, & preview);
                            __key.id_argument(ids);
                            __key.type_name::<T>();
                        },
                    )
                    .chunk(MOST)
                    .load(
                        ::larder::__private::repeated(
                            (preview,),
                            |(preview,)| (::larder::__private::again(preview),),
                        ),
                        |(preview,), ids| rows::uncached::<T>(preview, ids),
                    )
                    .await
            }
            /// Companions of the cached function `rows`.
            enum rows {}
            impl rows {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!("rows", | __site | __site.generic())
                }
                /// The entry that holds (or would hold) the value of `rows` for these arguments.
                fn entry<T: Load>(
                    preview: bool,
                    ids: T,
                ) -> ::larder::Entry<
                    Result<::core::option::Option<Row>, Error>,
                    impl ::core::future::Future<Output = Result<::core::option::Option<Row>, Error>>,
                > {
                    ::larder::__private::call(
                            Self::__site(),
                            ::larder::__private::batch_kind!(
                                Result < BTreeMap < T, Row >, Error >, T
                            ),
                        )
                        .target(
                            ::larder::__private::cache(),
                            |__key| {
                                let ids = &ids;
                                ::larder::__private::arg!(__key, & preview);
                                __key.id_argument(ids);
                                __key.type_name::<T>();
                            },
                        )
                        .entry(async move {
                            ::larder::__private::only!(
                                Self::uncached:: < T > (preview,
                                ::core::convert::From::from([::larder::__private::one_id!(& ids,
                                T)])). await, & ids
                            )
                        })
                }
                /// What `rows` says about one id.
                async fn one<T: Load>(
                    preview: bool,
                    ids: T,
                ) -> Result<::core::option::Option<Row>, Error> {
                    ::larder::__private::call(
                            Self::__site(),
                            ::larder::__private::batch_kind!(
                                Result < BTreeMap < T, Row >, Error >, T
                            ),
                        )
                        .unless({
                            let ids = ::core::slice::from_ref(&ids);
                            ids.is_empty() || preview
                        })
                        .lookup(
                            ::larder::__private::cache(),
                            |__key| {
                                let ids = &ids;
                                ::larder::__private::arg!(__key, & preview);
                                __key.id_argument(ids);
                                __key.type_name::<T>();
                            },
                        )
                        .load(move || async move {
                            ::larder::__private::only!(
                                Self::uncached:: < T > (preview,
                                ::core::convert::From::from([::larder::__private::one_id!(& ids,
                                T)])). await, & ids
                            )
                        })
                        .await
                }
                /// Runs the body of `rows` and stores its result.
                async fn refresh<T: Load>(
                    preview: bool,
                    ids: Vec<T>,
                ) -> Result<BTreeMap<T, Row>, Error> {
                    ::larder::__private::call(
                            Self::__site(),
                            ::larder::__private::batch_kind!(
                                Result < BTreeMap < T, Row >, Error >, T
                            ),
                        )
                        .refresh()
                        .lookup_batch(
                            ::larder::__private::cache(),
                            &::core::convert::identity(ids)[..],
                            |ids, __key| {
                                ::larder::__private::arg!(__key, & preview);
                                __key.id_argument(ids);
                                __key.type_name::<T>();
                            },
                        )
                        .chunk(MOST)
                        .load(
                            ::larder::__private::repeated(
                                (preview,),
                                |(preview,)| (::larder::__private::again(preview),),
                            ),
                            |(preview,), ids| Self::uncached::<T>(preview, ids),
                        )
                        .await
                }
                /// Runs the body of `rows`; reads and stores nothing.
                async fn uncached<T: Load>(
                    _preview: bool,
                    ids: Vec<T>,
                ) -> Result<BTreeMap<T, Row>, Error> {
                    T::load(ids).await
                }
                /// Every entry of `rows`.
                fn all() -> ::larder::Group {
                    ::larder::__private::group(Self::__site(), ::larder::__private::cache())
                }
            }
        "#]],
    );
}

#[test]
fn a_batch_that_may_run_on_the_side() {
    expands(
        r#"batch, key = "row:<ids.tenant>:<ids.id>:<name>", stale_while_revalidate = "1m""#,
        r#"async fn rows(ids: &[Id], name: &str) -> HashMap<Id, Row> { load(ids, name).await }"#,
        &expect![[r#"
            async fn rows(ids: &[Id], name: &str) -> HashMap<Id, Row> {
                ::larder::__private::call(
                        rows::__site(),
                        ::larder::__private::batch_kind!(HashMap < Id, Row >, Id),
                    )
                    .lookup_batch(
                        ::larder::__private::cache(),
                        &ids[..],
                        |ids, __key| {
                            __key.id(&ids.tenant);
                            __key.text(":");
                            __key.id(&ids.id);
                            __key.text(":");
                            __key.part(&name);
                        },
                    )
                    .load_or_refresh(
                        ::larder::__private::repeated(
                            (name,),
                            |(name,)| (::larder::__private::again(name),),
                        ),
                        |(name,), ids| async move { rows::uncached(&ids[..], name).await },
                        |(name,)| {
                            let name = ::larder::__private::own(name);
                            move |ids| {
                                let name = &name;
                                let name = ::larder::__private::again(name);
                                async move { rows::uncached(&ids[..], &*name).await }
                            }
                        },
                    )
                    .await
            }
            /// Companions of the cached function `rows`.
            enum rows {}
            impl rows {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "rows", "row:", [Text("row:"), Hole("ids.tenant"), Text(":"), Hole("ids.id"),
                        Text(":"), Hole("name")], | __site | __site
                        .stale_while_revalidate(60_000_000_000).wire(||
                        ::larder::__private::wire!(::core::option::Option < Row >))
                    )
                }
                /// The entry that holds (or would hold) the value of `rows` for these arguments.
                fn entry(
                    ids: Id,
                    name: &str,
                ) -> ::larder::Entry<
                    ::core::option::Option<Row>,
                    impl ::core::future::Future<Output = ::core::option::Option<Row>>,
                > {
                    ::larder::__private::call(
                            Self::__site(),
                            ::larder::__private::batch_kind!(HashMap < Id, Row >, Id),
                        )
                        .target(
                            ::larder::__private::cache(),
                            |__key| {
                                let ids = &ids;
                                __key.id(&ids.tenant);
                                __key.text(":");
                                __key.id(&ids.id);
                                __key.text(":");
                                __key.part(&name);
                            },
                        )
                        .entry(async move {
                            ::larder::__private::only!(
                                Self::uncached(& [::larder::__private::one_id!(& ids, Id)], name).
                                await, & ids
                            )
                        })
                }
                /// What `rows` says about one id.
                async fn one(ids: Id, name: &str) -> ::core::option::Option<Row> {
                    ::larder::__private::call(
                            Self::__site(),
                            ::larder::__private::batch_kind!(HashMap < Id, Row >, Id),
                        )
                        .lookup(
                            ::larder::__private::cache(),
                            |__key| {
                                let ids = &ids;
                                __key.id(&ids.tenant);
                                __key.text(":");
                                __key.id(&ids.id);
                                __key.text(":");
                                __key.part(&name);
                            },
                        )
                        .load_or_refresh(
                            (ids, name),
                            |(ids, name)| async move {
                                ::larder::__private::only!(
                                    Self::uncached(& [::larder::__private::one_id!(& ids, Id)], name)
                                    . await, & ids
                                )
                            },
                            |(ids, name)| {
                                let ids = ::larder::__private::keep(ids);
                                let name = ::larder::__private::own(name);
                                async move {
                                    ::larder::__private::only!(
                                        Self::uncached(& [::larder::__private::one_id!(& ids, Id)], &
                                        * name). await, & ids
                                    )
                                }
                            },
                        )
                        .await
                }
                /// Runs the body of `rows` and stores its result.
                async fn refresh(ids: &[Id], name: &str) -> HashMap<Id, Row> {
                    ::larder::__private::call(
                            Self::__site(),
                            ::larder::__private::batch_kind!(HashMap < Id, Row >, Id),
                        )
                        .refresh()
                        .lookup_batch(
                            ::larder::__private::cache(),
                            &ids[..],
                            |ids, __key| {
                                __key.id(&ids.tenant);
                                __key.text(":");
                                __key.id(&ids.id);
                                __key.text(":");
                                __key.part(&name);
                            },
                        )
                        .load(
                            ::larder::__private::repeated(
                                (name,),
                                |(name,)| (::larder::__private::again(name),),
                            ),
                            |(name,), ids| async move { Self::uncached(&ids[..], name).await },
                        )
                        .await
                }
                /// Runs the body of `rows`; reads and stores nothing.
                async fn uncached(ids: &[Id], name: &str) -> HashMap<Id, Row> {
                    load(ids, name).await
                }
                /// Every entry of `rows`.
                fn all() -> ::larder::Group {
                    ::larder::__private::group(Self::__site(), ::larder::__private::cache())
                }
            }
        "#]],
    );
}

#[test]
fn a_method_with_an_entry() {
    expands_method(
        r#"batch, key = "row:<self.tenant>:<ids>", entry = row_entry, early = 0.5"#,
        r#"fn rows(&self, ids: &[u64]) -> HashMap<u64, Row> { self.load(ids) }"#,
        &expect![[r#"
            impl Users {
                fn rows(&self, ids: &[u64]) -> HashMap<u64, Row> {
                    ::larder::__private::siblings!(
                        __row_entry_site : ::larder::__private::Inherent, __row_entry_uncached[]
                        (this, ids) -> Output
                    );
                    ::larder::__private::call(
                            <Self>::__row_entry_site(),
                            ::larder::__private::batch_kind!(HashMap < u64, Row >, u64),
                        )
                        .lookup_batch(
                            ::larder::__private::cache(),
                            &ids[..],
                            |ids, __key| {
                                __key.part(&self.tenant);
                                __key.text(":");
                                __key.id(ids);
                                __key.self_type::<Self>();
                            },
                        )
                        .load_or_refresh_blocking(
                            ::larder::__private::repeated(
                                (self,),
                                |(this,)| (::larder::__private::again(this),),
                            ),
                            |(this,), ids| <Self>::__row_entry_uncached(this, &ids[..]),
                            |(this,)| {
                                let this = ::larder::__private::own(this);
                                move |ids| <Self>::__row_entry_uncached(&*this, &ids[..])
                            },
                        )
                }
                /// The entry that holds (or would hold) the value of `rows` for these arguments.
                fn row_entry(
                    &self,
                    ids: u64,
                ) -> ::larder::blocking::Entry<
                    ::core::option::Option<Row>,
                    impl ::core::ops::FnOnce() -> ::core::option::Option<Row>,
                > {
                    ::larder::__private::siblings!(
                        __row_entry_site, __row_entry_uncached[] (this, ids) -> Output
                    );
                    ::larder::__private::call(
                            <Self>::__row_entry_site(),
                            ::larder::__private::batch_kind!(HashMap < u64, Row >, u64),
                        )
                        .target(
                            ::larder::__private::cache(),
                            |__key| {
                                let ids = &ids;
                                __key.part(&self.tenant);
                                __key.text(":");
                                __key.id(ids);
                                __key.self_type::<Self>();
                            },
                        )
                        .entry_blocking(move || {
                            ::larder::__private::only!(
                                < Self > ::__row_entry_uncached(self, &
                                [::larder::__private::one_id!(& ids, u64)]), & ids
                            )
                        })
                }
                #[doc(hidden)]
                fn __row_entry_site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "rows", "row:", [Text("row:"), Hole("self.tenant"), Text(":"), Hole("ids")],
                        | __site | __site.early_fraction(500_000)
                    )
                }
                #[doc(hidden)]
                fn __row_entry_uncached(&self, ids: &[u64]) -> HashMap<u64, Row> {
                    self.load(ids)
                }
            }
        "#]],
    );
}

#[test]
fn a_body_that_stays_inside() {
    expands_method(
        r#"batch, key = "row:<self.tenant>:<ids>:<factor>""#,
        r#"async fn rows(&self, ids: &[u64], mut factor: u64) -> HashMap<u64, Row> { factor += 1; self.load(ids, factor).await }"#,
        &expect![[r#"
            impl Users {
                async fn rows(&self, ids: &[u64], factor: u64) -> HashMap<u64, Row> {
                    ::larder::__private::call(
                            ::larder::__private::site!(
                                "rows", "row:", [Text("row:"), Hole("self.tenant"), Text(":"),
                                Hole("ids"), Text(":"), Hole("factor")]
                            ),
                            ::larder::__private::batch_kind!(HashMap < u64, Row >, u64),
                        )
                        .lookup_batch(
                            ::larder::__private::cache(),
                            &ids[..],
                            |ids, __key| {
                                __key.part(&self.tenant);
                                __key.text(":");
                                __key.id(ids);
                                __key.text(":");
                                __key.part(&factor);
                                __key.self_type::<Self>();
                            },
                        )
                        .load(
                            ::larder::__private::repeated(
                                (self, factor),
                                |(this, factor)| (
                                    ::larder::__private::again(this),
                                    ::larder::__private::again(factor),
                                ),
                            ),
                            |(this, factor), ids| async move {
                                if let ::core::option::Option::Some(__value) = ::core::option::Option::None::<
                                    HashMap<u64, Row>,
                                > {
                                    return __value;
                                }
                                let ids = &ids[..];
                                let mut factor = factor;
                                {
                                    factor += 1;
                                    this.load(ids, factor).await
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
fn a_body_that_stays_inside_and_may_run_on_the_side() {
    expands_method(
        r#"batch, key = "row:<self.tenant>:<ids>:<name>:<count>", early = 0.5"#,
        r#"fn rows(&self, ids: Vec<u64>, name: &str, count: u64) -> HashMap<u64, Row> { self.load(ids, name, count) }"#,
        &expect![[r#"
            impl Users {
                fn rows(&self, ids: Vec<u64>, name: &str, count: u64) -> HashMap<u64, Row> {
                    ::larder::__private::call(
                            ::larder::__private::site!(
                                "rows", "row:", [Text("row:"), Hole("self.tenant"), Text(":"),
                                Hole("ids"), Text(":"), Hole("name"), Text(":"), Hole("count")], |
                                __site | __site.early_fraction(500_000)
                            ),
                            ::larder::__private::batch_kind!(HashMap < u64, Row >, u64),
                        )
                        .lookup_batch(
                            ::larder::__private::cache(),
                            &::core::convert::identity(ids)[..],
                            |ids, __key| {
                                __key.part(&self.tenant);
                                __key.text(":");
                                __key.id(ids);
                                __key.text(":");
                                __key.part(&name);
                                __key.text(":");
                                __key.part(&count);
                                __key.self_type::<Self>();
                            },
                        )
                        .load_owned_blocking(
                            ::larder::__private::repeated(
                                (self, name, count),
                                |(this, name, count)| (
                                    ::larder::__private::again(this),
                                    ::larder::__private::again(name),
                                    ::larder::__private::again(count),
                                ),
                            ),
                            |(this, name, count)| {
                                let this = ::larder::__private::own(this);
                                let name = ::larder::__private::own(name);
                                let count = ::larder::__private::keep(count);
                                move |ids| -> HashMap<u64, Row> {
                                    let count = &count;
                                    let count = ::larder::__private::again(count);
                                    let this = &*this;
                                    let name = &*name;
                                    { this.load(ids, name, count) }
                                }
                            },
                        )
                }
            }
        "#]],
    );
}
