//! Web handlers: the wrapper, its companions, and what goes where.

use expect_test::{Expect, expect};

use crate::tests::{expands_handler, pretty, tokens, with_feature};

#[test]
fn a_handler_of_axum() {
    expands_handler(
        r#"axum, timeout = 60, key = "report:<year>""#,
        "pub async fn report(Path(year): Path<u16>, State(db): State<Db>) -> impl IntoResponse { db.report(year) }",
        &expect![[r#"
            pub async fn report(
                (__context, __arg0): (::larder::__private::axum::Context, Path<u16>),
                __arg1: State<Db>,
            ) -> ::larder::__private::axum::Response {
                const __POLICY: &::larder::__private::axum::Policy = &::larder::__private::axum::Policy::new();
                let __site = report::__site();
                let __cache = &__context.current();
                let __meta = __context.meta(__cache, __site, __POLICY);
                let __making = ::core::clone::Clone::clone(&__meta);
                let __answer = ::larder::__private::call(
                        __site,
                        ::larder::__private::axum::handler(),
                    )
                    .unless(__context.bypasses())
                    .lookup(
                        __cache,
                        |__key| {
                            let Path(year) = &__arg0;
                            __key.part(year);
                            ::larder::__private::unkeyed(&__arg1);
                        },
                    )
                    .if_found(__context.is_head())
                    .load(move || async move {
                        ::larder::__private::axum::made!(
                            __making, report::uncached(__arg0, __arg1). await
                        )
                            .await
                    })
                    .await;
                ::larder::__private::axum::respond(__context, __meta, __answer)
            }
            /// Companions of the cached function `report`.
            pub enum report {}
            impl report {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "report", "report:", [Text("report:"), Hole("year")], | __site | __site
                        .timeout(60_000_000_000).wire(::larder::__private::axum::wire)
                    )
                }
                /// The entry that holds (or would hold) the response of `report` to these.
                pub fn entry(year: u16) -> ::larder::Entry<::larder::__private::axum::Page> {
                    ::larder::__private::call(Self::__site(), ::larder::__private::axum::handler())
                        .target(
                            ::larder::__private::cache(),
                            |__key| {
                                __key.part(&year);
                            },
                        )
                        .page_entry()
                }
                /// Runs the body of `report`; reads and stores nothing.
                pub async fn uncached(
                    Path(year): Path<u16>,
                    State(db): State<Db>,
                ) -> impl IntoResponse {
                    db.report(year)
                }
                /// Every entry of `report`.
                pub fn all() -> ::larder::Group {
                    ::larder::__private::group(Self::__site(), ::larder::__private::cache())
                }
            }
        "#]],
    );
}

#[test]
fn a_handler_of_actix_with_its_route() {
    expands_handler(
        "actix",
        r#"#[get("/u/{id}")] #[tracing::instrument] async fn user(id: web::Path<u64>, db: web::Data<Db>) -> impl Responder { db.user(id) }"#,
        &expect![[r##"
            #[get("/u/{id}")]
            async fn user(
                (__context, id): (::larder::__private::actix::Context, web::Path<u64>),
                db: web::Data<Db>,
            ) -> ::larder::__private::actix::Response {
                const __POLICY: &::larder::__private::actix::Policy = &::larder::__private::actix::Policy::new();
                let __site = user::__site();
                let __cache = &__context.current();
                let __meta = __context.meta(__cache, __site, __POLICY);
                let __making = ::core::clone::Clone::clone(&__meta);
                let __request = __context.request();
                let __answer = ::larder::__private::call(
                        __site,
                        ::larder::__private::actix::handler(),
                    )
                    .unless(__context.bypasses())
                    .lookup(
                        __cache,
                        |__key| {
                            ::larder::__private::extracted!(__key, & id);
                            ::larder::__private::unkeyed(&db);
                        },
                    )
                    .if_found(__context.is_head())
                    .load(move || async move {
                        ::larder::__private::actix::made!(
                            __making, __request, user::uncached(id, db). await
                        )
                            .await
                    })
                    .await;
                ::larder::__private::actix::respond(__context, __meta, __answer)
            }
            impl user {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "user", | __site | __site.wire(::larder::__private::actix::wire)
                    )
                }
                /// The entry that holds (or would hold) the response of `user` to these.
                fn entry(id: u64) -> ::larder::Entry<::larder::__private::actix::Page> {
                    ::larder::__private::call(Self::__site(), ::larder::__private::actix::handler())
                        .target(
                            ::larder::__private::cache(),
                            |__key| {
                                ::larder::__private::extracted!(__key, & id);
                            },
                        )
                        .page_entry()
                }
                /// Runs the body of `user`; reads and stores nothing.
                #[tracing::instrument]
                async fn uncached(id: web::Path<u64>, db: web::Data<Db>) -> impl Responder {
                    db.user(id)
                }
                /// Every entry of `user`.
                fn all() -> ::larder::Group {
                    ::larder::__private::group(Self::__site(), ::larder::__private::cache())
                }
            }
        "##]],
    );
}

#[test]
fn options_of_the_response_and_headers_in_the_key() {
    expands_handler(
        r#"axum, vary = ["accept-language"], status(200, 404), max_body = "64KiB", browser = 30, cdn = "5m", stale_while_revalidate = 30"#,
        "#[debug_handler] async fn home(State(db): State<Db>) { todo!() }",
        &expect![[r##"
            #[debug_handler(state = Db)]
            async fn home(
                (__context, __arg0): (::larder::__private::axum::Context<home>, State<Db>),
            ) -> ::larder::__private::axum::Response {
                const __POLICY: &::larder::__private::axum::Policy = &::larder::__private::axum::Policy::new()
                    .status(&[200, 404])
                    .max_body(65_536)
                    .browser(30)
                    .cdn(300)
                    .vary(&["accept-language"]);
                let __site = home::__site();
                let __cache = &__context.current();
                let __meta = __context.meta(__cache, __site, __POLICY);
                let __making = ::core::clone::Clone::clone(&__meta);
                let __answer = ::larder::__private::call(
                        __site,
                        ::larder::__private::axum::handler(),
                    )
                    .unless(__context.bypasses())
                    .lookup(
                        __cache,
                        |__key| {
                            ::larder::__private::unkeyed(&__arg0);
                            __context.render(__key);
                        },
                    )
                    .if_found(__context.is_head())
                    .load_or_refresh(
                        (__making, __arg0),
                        |(__making, __arg0)| async move {
                            ::larder::__private::axum::made!(__making, home::uncached(__arg0). await)
                                .await
                        },
                        |(__making, __arg0)| {
                            let __making = ::larder::__private::keep(__making);
                            let __arg0 = ::larder::__private::keep(__arg0);
                            async move {
                                ::larder::__private::axum::made!(
                                    __making, home::uncached(__arg0). await
                                )
                                    .await
                            }
                        },
                    )
                    .await;
                ::larder::__private::axum::respond(__context, __meta, __answer)
            }
            /// Companions of the cached function `home`.
            enum home {}
            impl ::larder::__private::axum::Vary for home {
                const NAMES: &'static [&'static ::core::primitive::str] = &["accept-language"];
            }
            impl home {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "home", | __site | __site.stale_while_revalidate(30_000_000_000)
                        .wire(::larder::__private::axum::wire).generic()
                    )
                }
                /// The entry that holds (or would hold) the response of `home` to these.
                fn entry(
                    headers: [::core::option::Option<&::core::primitive::str>; 1],
                ) -> ::larder::Entry<::larder::__private::axum::Page> {
                    ::larder::__private::call(Self::__site(), ::larder::__private::axum::handler())
                        .target(
                            ::larder::__private::cache(),
                            |__key| {
                                ::larder::__private::axum::headers(headers, __key);
                            },
                        )
                        .page_entry()
                }
                /// Runs the body of `home`; reads and stores nothing.
                async fn uncached(State(db): State<Db>) -> () {
                    todo!()
                }
                /// Every entry of `home`.
                fn all() -> ::larder::Group {
                    ::larder::__private::group(Self::__site(), ::larder::__private::cache())
                }
            }
        "##]],
    );
}

#[test]
fn a_method_spells_its_headers_in_numbers() {
    expands_handler(
        r#"axum, vary = ["accept-language"], key = "home:<Self>""#,
        "async fn home() -> Result<impl IntoResponse, Error> { Self::render().await? }",
        &expect![[r#"
            impl Api {
                async fn home(
                    __context: ::larder::__private::axum::Context<
                        (
                            ::larder::__private::axum::Header<
                                526518792367744362135978482625373025,
                                0,
                                0,
                                0,
                            >,
                        ),
                    >,
                ) -> ::larder::__private::axum::Response {
                    const __POLICY: &::larder::__private::axum::Policy = &::larder::__private::axum::Policy::new()
                        .vary(&["accept-language"]);
                    let __site = ::larder::__private::site!(
                        "home", "home:", [Text("home:"), Hole("Self")], | __site | __site
                        .wire(::larder::__private::axum::wire).generic()
                    );
                    let __cache = &__context.current();
                    let __meta = __context.meta(__cache, __site, __POLICY);
                    let __making = ::core::clone::Clone::clone(&__meta);
                    let __answer = ::larder::__private::call(
                            __site,
                            ::larder::__private::axum::handler(),
                        )
                        .unless(__context.bypasses())
                        .lookup(
                            __cache,
                            |__key| {
                                __key.self_name::<Self>();
                                __context.render(__key);
                            },
                        )
                        .if_found(__context.is_head())
                        .load(move || async move {
                            ::larder::__private::axum::made!(
                                __making, async move { if let ::core::option::Option::Some(__value) =
                                ::core::option::Option::None:: < Result < _, Error > > { return
                                __value; } { Self::render(). await ? } } . await
                            )
                                .await
                        })
                        .await;
                    ::larder::__private::axum::respond(__context, __meta, __answer)
                }
            }
        "#]],
    );
}

#[test]
fn the_cache_of_the_state_is_in_the_entry_and_not_in_the_key() {
    expands_handler(
        "axum, cache = app.cache, tags(\"team:<team>\")",
        "async fn home(State(app): State<App>, Path((team, _page)): Path<(u32, u32)>, _: User) -> Html<String> { app.home() }",
        &expect![[r#"
            async fn home(
                (__context, __arg0): (::larder::__private::axum::Context, State<App>),
                __arg1: Path<(u32, u32)>,
                __arg2: User,
            ) -> ::larder::__private::axum::Response {
                const __POLICY: &::larder::__private::axum::Policy = &::larder::__private::axum::Policy::new();
                let __site = home::__site();
                let __cache = {
                    let __cache: &::larder::Cache = {
                        let State(app) = &__arg0;
                        &app.cache as &::larder::Cache
                    };
                    __cache
                };
                let __meta = __context.meta(__cache, __site, __POLICY);
                let __making = ::core::clone::Clone::clone(&__meta);
                let __answer = ::larder::__private::call(
                        __site,
                        ::larder::__private::axum::handler(),
                    )
                    .unless(__context.bypasses())
                    .lookup(
                        __cache,
                        |__key| {
                            ::larder::__private::unkeyed(&__arg0);
                            ::larder::__private::extracted!(__key, & __arg1);
                        },
                    )
                    .if_found(__context.is_head())
                    .tagged(|__tags| {
                        let Path((team, _)) = &__arg1;
                        __tags
                            .add(|__key| {
                                __key.text("team:");
                                __key.part(team);
                            });
                    })
                    .load(move || async move {
                        ::larder::__private::axum::made!(
                            __making, home::uncached(__arg0, __arg1, __arg2). await
                        )
                            .await
                    })
                    .await;
                ::larder::__private::axum::respond(__context, __meta, __answer)
            }
            /// Companions of the cached function `home`.
            enum home {}
            impl home {
                fn __site() -> &'static ::larder::__private::Site {
                    ::larder::__private::site!(
                        "home", | __site | __site.wire(::larder::__private::axum::wire)
                        .cache_expr("app.cache")
                    )
                }
                /// The entry that holds (or would hold) the response of `home` to these.
                fn entry(
                    app: App,
                    __arg1: (u32, u32),
                ) -> ::larder::Entry<::larder::__private::axum::Page> {
                    let app = &app;
                    ::larder::__private::call(Self::__site(), ::larder::__private::axum::handler())
                        .target(
                            &app.cache as &::larder::Cache,
                            |__key| {
                                ::larder::__private::extracted!(__key, & __arg1);
                            },
                        )
                        .tagged(|__tags| {
                            let (team, _) = &__arg1;
                            __tags
                                .add(|__key| {
                                    __key.text("team:");
                                    __key.part(team);
                                });
                        })
                        .page_entry()
                }
                /// Runs the body of `home`; reads and stores nothing.
                async fn uncached(
                    State(app): State<App>,
                    Path((_, _page)): Path<(u32, u32)>,
                    _: User,
                ) -> Html<String> {
                    app.home()
                }
                /// Every entry of `home`.
                fn all(cache: &::larder::Cache) -> ::larder::Group {
                    ::larder::__private::group(Self::__site(), cache)
                }
            }
        "#]],
    );
}

#[test]
fn writers() {
    let axum = "async fn rename(Path(id): Path<u64>, body: String) -> Result<impl IntoResponse, Error> { db::rename(id, body).await?; Ok(()) }";
    writes(
        "axum, user::entry(id), |_done| users::all(), on_error = return",
        axum,
        &expect![[r#"
            async fn rename(
                Path(id): Path<u64>,
                body: String,
            ) -> ::larder::__private::axum::Response {
                let __invalidations = ::larder::__private::Invalidations::new()
                    .and(::larder::__private::step!(user::entry(id)));
                let __output = async move {
                    if let ::core::option::Option::Some(__value) = ::core::option::Option::None::<
                        Result<_, Error>,
                    > {
                        return __value;
                    }
                    {
                        db::rename(id, body).await?;
                        Ok(())
                    }
                }
                    .await;
                let __succeeded = ::larder::__private::succeeded!(& __output);
                let __invalidations = __invalidations
                    .and_of(
                        ::larder::__private::value!(& __output),
                        |_done| ::larder::__private::step!(users::all()),
                    );
                let __failing = ::larder::__private::failing(&__output);
                let __response = ::larder::__private::axum::answered(__output);
                if __succeeded && ::larder::__private::axum::accepted(&__response) {
                    if let ::core::result::Result::Err(__error) = __invalidations
                        .try_run("rename")
                        .await
                    {
                        return ::larder::__private::axum::answered(__failing(__error));
                    }
                }
                __response
            }
        "#]],
    );
    writes(
        "users::all(), actix",
        "#[post(\"/u\")] async fn add() -> impl Responder {}",
        &expect![[r##"
            #[post("/u")]
            async fn add(
                __request: ::larder::__private::actix::Request,
            ) -> ::larder::__private::actix::Response {
                let __invalidations = ::larder::__private::Invalidations::new()
                    .and(::larder::__private::step!(users::all()));
                let __output = async move { {} }.await;
                let __succeeded = ::larder::__private::succeeded!(& __output);
                let __response = ::larder::__private::actix::answered(&__request, __output);
                if __succeeded && ::larder::__private::actix::accepted(&__response) {
                    __invalidations.run("add").await;
                }
                __response
            }
        "##]],
    );
}

fn writes(attr: &str, item: &str, expected: &Expect) {
    let written = crate::writer::expand(tokens(attr), &tokens(item));
    expected.assert_eq(&pretty(with_feature(&written)));
}
