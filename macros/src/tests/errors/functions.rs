//! Messages about what the attribute stands on, and what is left of it.

use expect_test::expect;

use crate::tests::{fails, pretty, tokens};

#[test]
fn signatures() {
    fails(
        "",
        "const fn f(x: u64) -> u64 { x }",
        &expect![[r#"
        a `const fn` can't look into a cache
        help: remove `const`, or remove `#[cached]`
    "#]],
    );
    fails(
        "",
        r#"unsafe extern "C" fn f(x: u64) -> u64 { x }"#,
        &expect![[r#"
        an `unsafe fn` can't be cached: nobody checks its contract on a hit
        help: put `#[cached]` on a safe function around it

        a function with a foreign ABI can't be cached
        help: put `#[cached]` on a Rust function around it
    "#]],
    );
    fails(
        "",
        r#"unsafe extern "C" fn f(x: u64, ...) -> u64 { x }"#,
        &expect![[r#"
        an `unsafe fn` can't be cached: nobody checks its contract on a hit
        help: put `#[cached]` on a safe function around it

        a function with a foreign ABI can't be cached
        help: put `#[cached]` on a Rust function around it

        a variadic function can't be cached
        help: put `#[cached]` on a function with named arguments
    "#]],
    );
    fails(
        "",
        "fn f(x: &mut u64, (a, b): &mut (u64, u64)) -> u64 { *x }",
        &expect![[r#"
        `x` is `&mut`: changes made through it would not happen on a hit
        help: take a shared reference, or write `ignore(x)` if the changes don't matter

        `a` is `&mut`: changes made through it would not happen on a hit
        help: take a shared reference, or write `ignore(a)` if the changes don't matter
    "#]],
    );
    fails(
        "",
        "fn f(x: u64) {}",
        &expect![[r#"
        the function returns nothing, so there is nothing to cache
        help: return a value, or remove `#[cached]`
    "#]],
    );
    fails(
        "",
        "fn f(x: u64) -> () {}",
        &expect![[r#"
        the function returns nothing, so there is nothing to cache
        help: return a value, or remove `#[cached]`
    "#]],
    );
    fails(
        "",
        "fn f(x: u64) -> ! { loop {} }",
        &expect![[r#"
        the function never returns, so there is nothing to cache
        help: remove `#[cached]`
    "#]],
    );
    fails(
        "",
        "fn f(x: u64) -> impl Iterator<Item = u64> { 0..x }",
        &expect![[r#"
        an `impl Trait` value can't be kept: its type has no name
        help: return a concrete type
    "#]],
    );
    fails(
        "",
        "fn f(x: u64) -> Result<impl Display, Error> { Ok(x) }",
        &expect![[r#"
        an `impl Trait` value can't be kept: its type has no name
        help: return a concrete type
    "#]],
    );
    fails(
        "",
        "async fn f(x: u64) -> impl IntoResponse { x }",
        &expect![[r#"
            this looks like a web handler, whose response can only be cached as a whole
            help: write `#[cached(axum, ..)]`; to cache the data instead, put `#[cached]` on the function that makes it, and call that one here
        "#]],
    );
    fails(
        "",
        "fn f(x: u64) -> impl Future<Output = u64> { async { x } }",
        &expect![[r#"
        a future can't be kept, only what it comes to
        help: write `async fn`
    "#]],
    );
    fails(
        "",
        "fn f(x: &str) -> &str { x }",
        &expect![[r#"
        a reference can't be kept: what it points to may be gone
        help: return an owned value, an `Arc`, or a `&'static` reference
    "#]],
    );
    fails(
        "",
        "fn f<'a>(x: &'a str) -> Option<(u64, &'a str)> { None }",
        &expect![[r#"
        a reference can't be kept: what it points to may be gone
        help: return an owned value, an `Arc`, or a `&'static` reference
    "#]],
    );
    fails(
        "",
        "fn f(x: u64) -> Pin<Box<dyn Future<Output = u64> + Send>> { Box::pin(async { x }) }",
        &expect![[r#"
        a boxed future can't be kept, only what it comes to
        help: put `#[cached]` on an `async fn`; under `#[async_trait]`, on an inherent `async fn` that the method calls
    "#]],
    );
    fails(
        "",
        "fn f(x: u64) -> BoxFuture<'static, u64> { todo!() }",
        &expect![[r#"
        a boxed future can't be kept, only what it comes to
        help: put `#[cached]` on an `async fn`; under `#[async_trait]`, on an inherent `async fn` that the method calls
    "#]],
    );
    fails(
        "",
        "fn f(#[cfg(unix)] x: u64) -> u64 { x }",
        &expect![[r#"
        an argument that is there under a condition can't be passed on
        help: write two functions, each with its own `cfg`
    "#]],
    );
    fails(
        "",
        "#[larder::cached] fn f(x: u64) -> u64 { x }",
        &expect![[r#"
        `#[cached]` is given twice
        help: remove one of them
    "#]],
    );
}

#[test]
fn other_items() {
    fails(
        "timeout = 0",
        "struct User { id: u64 }",
        &expect![[r#"
        `timeout` is zero, which some caches take for "for ever" and others for "don't store"
        help: write `timeout = never`, or remove `#[cached]`

        `#[cached]` goes on a function, not on a `struct`
        help: put it on a function
    "#]],
    );
    fails(
        "",
        "impl User { fn get(&self) -> u64 { 1 } }",
        &expect![[r#"
        `#[cached]` goes on a function, not on an `impl`
        help: put it on the functions inside
    "#]],
    );
    fails(
        "",
        "pub unsafe trait Users { fn get(&self) -> u64; }",
        &expect![[r#"
            `#[cached]` goes on a function, not on a `trait`
            help: put it on the functions of an impl
        "#]],
    );
    fails(
        "",
        "const X: u64 = 1;",
        &expect![[r#"
        `#[cached]` goes on a function, not on a `const`
        help: put it on a function
    "#]],
    );
    fails(
        "",
        "pub enum E {}",
        &expect![[r#"
        `#[cached]` goes on a function, not on an `enum`
        help: put it on a function
    "#]],
    );
    fails(
        "",
        "fn get(x: u64) -> u64;",
        &expect![[r#"
        `get` has no body to cache
        help: put `#[cached]` on the function of an impl
    "#]],
    );
}

#[test]
fn the_function_survives_with_its_companions() {
    let expanded = |attr, item| pretty(crate::expand_cached(tokens(attr), &tokens(item)));
    expect![[r#"
        /// Documented.
        #[cfg(unix)]
        pub async fn get<T: Load>(Path(id): Path<u64>, mut state: State) -> Result<T, Error> {
            state.get(id).await
        }
        #[cfg(unix)]
        #[doc(hidden)]
        pub enum get {}
        #[cfg(unix)]
        impl get {
            #[doc(hidden)]
            pub fn entry<T: Load>(
                __arg0: Path<u64>,
                state: State,
            ) -> ::larder::Entry<Result<T, Error>, ::core::future::Ready<Result<T, Error>>> {
                let _ = __arg0;
                let _ = state;
                loop {}
            }
            #[doc(hidden)]
            pub async fn uncached<T: Load>(__arg0: Path<u64>, state: State) -> Result<T, Error> {
                get::<T>(__arg0, state).await
            }
            #[doc(hidden)]
            pub fn all(_: &::larder::Cache) -> ::larder::Group {
                loop {}
            }
        }
        ::core::compile_error! {
            "`timeout` is zero, which some caches take for \"for ever\" and others for \"don't store\"\nhelp: write `timeout = never`, or remove `#[cached]`"
        }
        ::core::compile_error! {
            "this looks like a web handler, whose response can only be cached as a whole\nhelp: write `#[cached(axum, ..)]`; to cache the data instead, put `#[cached]` on the function that makes it, and call that one here"
        }
    "#]].assert_eq(&expanded(
        "timeout = 0, cache = state.cache, ignore(state)",
        r#"/// Documented.
           #[cfg(unix)]
           pub async fn get<T: Load>(Path(id): Path<u64>, mut state: State) -> Result<T, Error> { state.get(id).await }"#,
    ));
    expect![[r#"
        fn get(id: u64) -> u64 {
            id
        }
        #[doc(hidden)]
        fn user_entry(id: u64) -> ::larder::blocking::Entry<u64, fn() -> u64> {
            let _ = id;
            loop {}
        }
        ::core::compile_error! {
            "`timeout` is zero, which some caches take for \"for ever\" and others for \"don't store\"\nhelp: write `timeout = never`, or remove `#[cached]`"
        }
    "#]].assert_eq(&expanded("timeout = 0, entry = user_entry", "fn get(id: u64) -> u64 { id }"));
    expect![[r#"
        unsafe fn get(id: u64) -> impl Display {
            id
        }
        #[doc(hidden)]
        enum get {}
        impl get {
            #[doc(hidden)]
            fn entry(id: u64) -> ::larder::blocking::Entry<(), fn() -> ()> {
                let _ = id;
                loop {}
            }
            #[doc(hidden)]
            fn uncached(id: u64) -> impl Display {
                let _ = id;
                loop {}
            }
            #[doc(hidden)]
            fn all() -> ::larder::blocking::Group {
                loop {}
            }
        }
        ::core::compile_error! {
            "an `unsafe fn` can't be cached: nobody checks its contract on a hit\nhelp: put `#[cached]` on a safe function around it"
        }
        ::core::compile_error! {
            "an `impl Trait` value can't be kept: its type has no name\nhelp: return a concrete type"
        }
    "#]].assert_eq(&expanded("", "unsafe fn get(id: u64) -> impl Display { id }"));
    expect![[r#"
        fn get(&self, id: u64) -> u64 {
            id
        }
        ::core::compile_error! {
            "`timeout` is zero, which some caches take for \"for ever\" and others for \"don't store\"\nhelp: write `timeout = never`, or remove `#[cached]`"
        }
    "#]].assert_eq(&expanded("timeout = 0", "fn get(&self, id: u64) -> u64 { id }"));
}
