//! Generics, patterns and attributes of the user.

use expect_test::expect;

use crate::tests::expands;

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
                        |__key| {
                            __key.part(&id);
                            ::larder::__private::undecided(&count);
                            __key.type_name::<T>();
                            __key.text(":");
                            __key.part(&N);
                        },
                    )
                    .load_blocking(move || page::uncached::<T, N>(id, _db, count))
            }
            /// Companions of the cached function `page`.
            pub(crate) enum page {}
            impl page {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "page", "page:", [Text("page:"), Hole("id")], | __site | __site.generic()
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
                            |__key| {
                                __key.part(&id);
                                ::larder::__private::undecided(&count);
                                __key.type_name::<T>();
                                __key.text(":");
                                __key.part(&N);
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
                        .refresh()
                        .lookup(
                            ::larder::__private::cache(),
                            |__key| {
                                __key.part(&id);
                                ::larder::__private::undecided(&count);
                                __key.type_name::<T>();
                                __key.text(":");
                                __key.part(&N);
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
                        |__key| {
                            let Path(id) = &__arg0;
                            let Page { size, .. } = &__arg2;
                            let &(ref c, _) = __arg4;
                            __key.part(id);
                            __key.text(":");
                            __key.part(size);
                            __key.text(":");
                            __key.part(c);
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
                        Text(":"), Hole("c")], | __site | __site.wire(||
                        ::larder::__private::wire!(u64))
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
                            |__key| {
                                let Path(id) = &__arg0;
                                let Page { size, .. } = &__arg2;
                                let &(ref c, _) = __arg4;
                                __key.part(id);
                                __key.text(":");
                                __key.part(size);
                                __key.text(":");
                                __key.part(c);
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
                        |__key| {
                            ::larder::__private::arg!(__key, & id);
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
                    ::larder::__private::site!(
                        "page", | __site | __site.wire(|| ::larder::__private::wire!(Result < u64, E
                        >))
                    )
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
                            |__key| {
                                ::larder::__private::arg!(__key, & id);
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
