//! What the attribute says when it can't expand. One mistake is one error, and all errors come in one build.

#![expect(clippy::too_many_lines, reason = "one message after another")]

use expect_test::expect;

use super::fails;

const ITEM: &str = "async fn user(id: u64, page: Page, pool: PgPool) -> User { load(id) }";

fn fails_with(attr: &str, expected: &expect_test::Expect) {
    fails(attr, ITEM, expected);
}

#[test]
fn all_errors_at_once() {
    fails_with(
        r#"timeuot = 60, key = "user:<idd>", version = "1", version = 2, cache_err, tags = ("a", "b"), ttl = 5,"#,
        &expect![[r#"
            unknown option `timeuot`
            help: did you mean `timeout`?

            `version` is a whole number, not negative
            help: write `version = 2`, or `version = code` for a hash of the function

            `version` is given twice
            help: remove one of them

            `cache_err` needs a value
            help: write `cache_err = "10s"`

            `tags` is not available in this version of larder
            help: remove it

            unknown option `ttl`
            help: did you mean `timeout`?

            `idd` in the key is not an argument
            help: did you mean `<id>`?
        "#]],
    );
}

#[test]
fn unknown_options() {
    fails_with(
        "ttl = 60",
        &expect![[r#"
        unknown option `ttl`
        help: did you mean `timeout`?
    "#]],
    );
    fails_with(
        "cash = 60",
        &expect![[r#"
        unknown option `cash`
        help: the options are `timeout`, `key`, `ignore`, `version`, `revision`, `cache`, `unless`, `refresh_if`, `store_if`, `cache_none`, `cache_err`, `local`, `coalesce`, `entry`, `crate`
    "#]],
    );
    fails_with(
        "wombat",
        &expect![[r#"
        unknown option `wombat`
        help: the options are `timeout`, `key`, `ignore`, `version`, `revision`, `cache`, `unless`, `refresh_if`, `store_if`, `cache_none`, `cache_err`, `local`, `coalesce`, `entry`, `crate`
    "#]],
    );
    fails_with(
        "soft_timeout = 1, batch",
        &expect![[r#"
        `soft_timeout` is not available in this version of larder
        help: remove it

        `batch` is not available in this version of larder
        help: remove it
    "#]],
    );
}

#[test]
fn duplicates() {
    fails_with(
        "timeout = 60, local, timeout = 60, local",
        &expect![[r#"
        `timeout` is given twice
        help: remove one of them

        `local` is given twice
        help: remove one of them
    "#]],
    );
}

#[test]
fn punctuation() {
    fails_with(
        r#"timeout = 60 key = "user:<id>", ignore(pool, page)"#,
        &expect![[r#"
        expected a comma between two options
        help: write `, key`
    "#]],
    );
    fails_with(
        "timeout = 60,, local",
        &expect![[r#"
        expected an option
        help: write `name = value`, for example `timeout = 60`
    "#]],
    );
    fails_with(
        "= 60, local = true",
        &expect![[r#"
        expected an option
        help: write `name = value`, for example `timeout = 60`

        `local` takes no value here
        help: write `local` alone
    "#]],
    );
    fails_with(
        "timeout, key, revision = , entry =",
        &expect![[r#"
        `timeout` needs a value
        help: write `timeout = 60`

        `key` needs a value
        help: write `key = "user:<id>"`

        `revision` needs a value
        help: write `revision = user.updated_at`

        `entry` needs a value
        help: write `entry = user_entry`
    "#]],
    );
    fails_with(
        "timeout(60), key = 5 +",
        &expect![[r#"
            the value of `timeout` follows a `=`
            help: write `timeout = 60`

            the value of `key` ends in the middle of an expression
            help: write it like `key = "user:<id>"`
        "#]],
    );
    fails_with(
        "\"timeout\"",
        &expect![[r#"
        expected an option
        help: write `name = value`, for example `timeout = 60`
    "#]],
    );
    fails_with(
        "timeout == 60",
        &expect![[r#"
        `timeout` needs a value
        help: write `timeout = 60`
    "#]],
    );
}

#[test]
fn durations() {
    fails_with(
        "timeout = 0",
        &expect![[r#"
        `timeout` is zero, which some caches take for "for ever" and others for "don't store"
        help: write `timeout = never`, or remove `#[cached]`
    "#]],
    );
    fails_with(
        "timeout = 0.0, cache_none = \"0s\", cache_err = 0",
        &expect![[r#"
        `timeout` is zero, which some caches take for "for ever" and others for "don't store"
        help: write `timeout = never`, or remove `#[cached]`

        `cache_none` is zero, which some caches take for "for ever" and others for "don't store"
        help: write `cache_none = never`, or remove `cache_none`

        `cache_err` is zero, which some caches take for "for ever" and others for "don't store"
        help: write a longer duration, or remove `cache_err`
    "#]],
    );
    fails_with(
        "timeout = -5",
        &expect![[r#"
        `timeout` must be positive
        help: write `timeout = 60`
    "#]],
    );
    fails_with(
        "timeout = 60s",
        &expect![[r#"
        a duration with a unit is a string
        help: write `timeout = "60s"`
    "#]],
    );
    fails_with(
        "timeout = 1.5h",
        &expect![[r#"
        a duration with a unit is a string
        help: write `timeout = "1.5h"`
    "#]],
    );
    fails_with(
        r#"timeout = "60""#,
        &expect![[r#"
        a number without a unit
        help: write `timeout = 60` for seconds, or a unit: `"60s"`, `"60m"`
    "#]],
    );
    fails_with(
        r#"timeout = "1h 30""#,
        &expect![[r#"
        a number without a unit
        help: write a unit behind `30`: one of `ms`, `s`, `m`, `h`, `d`, `w`
    "#]],
    );
    fails_with(
        r#"timeout = "5min""#,
        &expect![[r#"
        unknown unit `min`
        help: write `5m`
    "#]],
    );
    fails_with(
        r#"timeout = "5 parsecs""#,
        &expect![[r#"
        unknown unit `parsecs`
        help: the units are `ms`, `s`, `m`, `h`, `d`, `w`
    "#]],
    );
    fails_with(
        r#"timeout = "soon""#,
        &expect![[r#"
        not a duration
        help: write seconds (`timeout = 60`), units (`timeout = "1h 30m"`), or `timeout = never`
    "#]],
    );
    fails_with(
        r#"timeout = """#,
        &expect![[r#"
        not a duration
        help: write seconds (`timeout = 60`), units (`timeout = "1h 30m"`), or `timeout = never`
    "#]],
    );
    fails_with(
        r#"timeout = "never""#,
        &expect![[r#"
        `never` is a word of its own
        help: write `timeout = never`
    "#]],
    );
    fails_with(
        "timeout = TTL",
        &expect![[r#"
        `timeout` needs a literal
        help: write `timeout = |_| TTL`
    "#]],
    );
    fails_with(
        "timeout = Duration::from_secs(60)",
        &expect![[r#"
        `timeout` needs a literal
        help: write `timeout = |_| Duration::from_secs(60)`
    "#]],
    );
    fails_with(
        "timeout = 60 * 5",
        &expect![[r#"
        not a duration
        help: write seconds (`timeout = 60`), units (`timeout = "1h 30m"`), or `timeout = never`
    "#]],
    );
    fails_with(
        "timeout = || TTL",
        &expect![[r#"
        the closure of `timeout` sees one thing, the value
        help: write `timeout = |value| ...`
    "#]],
    );
    fails_with(
        "cache_err = TTL",
        &expect![[r#"
        `cache_err` needs a literal
        help: write it out, for example `cache_err = "10s"`
    "#]],
    );
    fails_with(
        "cache_err = never",
        &expect![[r#"
        an error kept for ever would never be noticed to be gone
        help: write `cache_err = "10s"`, or remove `cache_err`
    "#]],
    );
    fails_with(
        "cache_none = |value| TTL",
        &expect![[r#"
        `cache_none` takes no closure: there is no value to look at
        help: write `cache_none = "10s"`
    "#]],
    );
}

#[test]
fn values() {
    fails_with(
        "key = user, version = -1",
        &expect![[r#"
        `key` is a string literal
        help: write `key = "user:<id>"`

        `version` is a whole number, not negative
        help: write `version = 2`, or `version = code` for a hash of the function
    "#]],
    );
    fails_with(
        "version = 99999999999999999999999",
        &expect![[r#"
        `version` is larger than `u64::MAX`
        help: write a smaller number
    "#]],
    );
    fails_with(
        "cache = \"users\"",
        &expect![[r#"
        `cache` is an expression that names a `Cache`
        help: write `cache = self.cache` or `cache = state.cache`
    "#]],
    );
    fails_with(
        "unless = |id| id == 0",
        &expect![[r#"
        `unless` is an expression over the arguments, not a closure
        help: write `unless = id == 0`
    "#]],
    );
    fails_with(
        "store_if = true",
        &expect![[r#"
        `store_if` is a closure or a function over the value
        help: write `store_if = |value| ...`, or the path of a function that takes a reference
    "#]],
    );
    fails_with(
        "store_if = |a, b| true",
        &expect![[r#"
        the closure of `store_if` sees one thing, the value
        help: write `store_if = |value| ...`
    "#]],
    );
    fails_with(
        "coalesce",
        &expect![[r#"
        `coalesce` needs a value
        help: write `coalesce = false`
    "#]],
    );
    fails_with(
        "coalesce = 0",
        &expect![[r#"
        `coalesce` is `false` or `true`
        help: write `coalesce = false`, or remove it
    "#]],
    );
    fails_with(
        "entry = \"user_entry\"",
        &expect![[r#"
        `entry` is the name of the entry function
        help: write `entry = user_entry`
    "#]],
    );
    fails_with(
        "entry = users::entry",
        &expect![[r#"
            `entry` is the name of the entry function
            help: write `entry = entry`
        "#]],
    );
    fails_with(
        "entry = user",
        &expect![[r#"
        the entry function needs a name of its own
        help: write `entry = user_entry`
    "#]],
    );
    fails_with(
        "crate = \"my::larder\"",
        &expect![[r#"
        the path of a crate stands without quotes
        help: write `crate = ::my::larder`
    "#]],
    );
    fails_with(
        "crate = my::larder",
        &expect![[r#"
        the path of a crate starts with `::` or `crate::`
        help: write `crate = ::my::larder`
    "#]],
    );
    fails_with(
        "crate = 5",
        &expect![[r#"
        not a path
        help: write `crate = ::larder`
    "#]],
    );
    fails_with(
        "local(true)",
        &expect![[r#"
        `local` takes no value here
        help: write `local` alone
    "#]],
    );
}

#[test]
fn ignored_arguments() {
    fails_with(
        "ignore(pol, self)",
        &expect![[r#"
        `pol` is not an argument
        help: did you mean `pool`?

        `self` is not an argument
        help: the arguments are `id`, `page`, `pool`
    "#]],
    );
    fails_with(
        "ignore = pool",
        &expect![[r#"
        `ignore` takes a list
        help: write `ignore(pool)`
    "#]],
    );
    fails_with(
        "ignore()",
        &expect![[r#"
        `ignore` names no argument
        help: name the arguments that don't change the result, or remove it
    "#]],
    );
    fails_with(
        "ignore",
        &expect![[r#"
        `ignore` needs a value
        help: write `ignore(pool)`
    "#]],
    );
    fails_with(
        "ignore(pool, pool)",
        &expect![[r#"
        `pool` is ignored twice
        help: remove one of them
    "#]],
    );
    fails_with(
        "ignore(page.number)",
        &expect![[r#"
            `ignore` is a list of arguments
            help: write `ignore(pool, self)`
        "#]],
    );
    fails_with(
        "ignore(\"pool\")",
        &expect![[r#"
            `ignore` is a list of arguments
            help: write `ignore(pool, self)`
        "#]],
    );
    fails_with(
        r#"key = "<page.number>", ignore(page, id)"#,
        &expect![[r#"
        `page` is ignored, but the key names it
        help: remove it from `ignore`, or remove `<page>` from the key
    "#]],
    );
    fails(
        "ignore = conn",
        "fn f(conn: &mut Conn) -> u64 { 1 }",
        &expect![[r#"
        `ignore` takes a list
        help: write `ignore(conn)`
    "#]],
    );
    fails(
        "ignore(x)",
        "fn f() -> u64 { 1 }",
        &expect![[r#"
        `x` is not an argument
        help: the function has no arguments
    "#]],
    );
}

#[test]
fn keys() {
    fails_with(
        r#"key = """#,
        &expect![[r#"
        the key is empty
        help: write `key = "user:<id>"`, or remove `key`
    "#]],
    );
    fails_with(
        r#"key = "user:{id}""#,
        &expect![[r#"
        `{id}` is no placeholder here
        help: write `<id>`
    "#]],
    );
    fails_with(
        r#"key = "user:{id:?}:<>:<id""#,
        &expect![[r#"
        `<>` names nothing
        help: write `<id>`, or `<<` for a literal `<`

        a `<` without its `>`
        help: write `<id>`, or `<<` for a literal `<`

        `{id}` is no placeholder here
        help: write `<id>`
    "#]],
    );
    fails_with(
        r#"key = "user:< id >""#,
        &expect![[r#"
        `< id >` is not an argument or a path into one
        help: write `<id>`
    "#]],
    );
    fails_with(
        r#"key = "a < b""#,
        &expect![[r#"
        a `<` without its `>`
        help: write `<<` for a literal `<`
    "#]],
    );
    fails_with(
        r#"key = "user:<id + 1>""#,
        &expect![[r#"
        `<id + 1>` is not an argument or a path into one
        help: write `<user>`, `<user.id>`, `<pair.0>` or `<user.id()>`, or `<<` for a literal `<`
    "#]],
    );
    fails_with(
        r#"key = "user:<page.part(1)>""#,
        &expect![[r#"
        `<page.part(1)>` calls with arguments
        help: call a method without arguments, or make the value an argument of the function
    "#]],
    );
    fails_with(
        r#"key = "user:<id><page>""#,
        &expect![[r#"
        nothing separates `<id>` from `<page>`: `1`, `23` and `12`, `3` would be one key
        help: write `<id>:<page>`
    "#]],
    );
    fails_with(
        r#"key = "user:<id>-<page>""#,
        &expect![[r#"
        `-` does not separate `<id>` from `<page>`: values may contain it
        help: write `<id>:<page>`
    "#]],
    );
    fails_with(
        r#"key = "user:<pages.number>""#,
        &expect![[r#"
        `pages` in the key is not an argument
        help: did you mean `<page>`?
    "#]],
    );
    fails_with(
        r#"key = "user:<customer>""#,
        &expect![[r#"
        `customer` in the key is not an argument
        help: the arguments are `id`, `page`, `pool`
    "#]],
    );
    fails_with(
        r#"key = "user:<self.tenant>""#,
        &expect![[r#"
        `<self.tenant>` needs a `self`, which the function doesn't have
        help: name an argument, or `<Self>` for the type
    "#]],
    );
    fails_with(
        r#"key = "user:<Self.id>""#,
        &expect![[r#"
        `<Self.id>`: `Self` is a type and has no fields
        help: write `<Self>` for its name, or `<self...>` for the value
    "#]],
    );
    fails_with(
        r#"key = "user:<_>:<page.>:<.id>""#,
        &expect![[r#"
        `<_>` is not an argument or a path into one
        help: write `<user>`, `<user.id>`, `<pair.0>` or `<user.id()>`, or `<<` for a literal `<`

        `<page.>` is not an argument or a path into one
        help: write `<user>`, `<user.id>`, `<pair.0>` or `<user.id()>`, or `<<` for a literal `<`

        `<.id>` is not an argument or a path into one
        help: write `<user>`, `<user.id>`, `<pair.0>` or `<user.id()>`, or `<<` for a literal `<`
    "#]],
    );
}

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
        a handler's `impl` response can't be kept: its type has no name
        help: put `#[cached]` on the function that makes the data, and call it from the handler
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
    let expanded = |attr, item| super::pretty(crate::expand_cached(super::tokens(attr), &super::tokens(item)));
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
