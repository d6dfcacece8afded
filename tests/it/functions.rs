//! Which functions can be annotated, and that they stay the functions they were.

use larder::cached;
use larder::testing::{scope, scope_blocking};

use crate::support::{Loads, cache};

static FREE: Loads = Loads::new();

/// A free function of a module.
#[cached(key = "functions.free:<id>")]
pub(crate) fn free(id: u64) -> u64 {
    FREE.next();
    id
}

/// A free async function of a module.
#[cached(key = "functions.free_async:<id>")]
pub(crate) async fn free_async(id: u64) -> u64 {
    FREE.next();
    tokio::task::yield_now().await;
    id
}

#[tokio::test]
async fn free_functions() {
    scope(&cache(), async {
        for _ in 0..2 {
            assert_eq!(free(5), 5);
            assert_eq!(free_async(6).await, 6);
        }
        assert_eq!(FREE.so_far(), 2);
    })
    .await;
}

#[test]
fn a_function_and_its_companions_are_imported_by_one_name() {
    mod deep {
        pub(super) mod down {
            #[larder::cached]
            pub(crate) fn f(id: u8) -> u8 {
                id
            }
        }
    }
    use deep::down::f;
    use deep::down::f as renamed;
    scope_blocking(&cache(), || {
        assert_eq!((f(1), f::uncached(1), renamed(1)), (1, 1, 1));
        assert_eq!(renamed::entry(1).get(), Some(1));
    });
}

#[test]
fn functions_are_values_as_before() {
    #[cached]
    fn double(n: u32) -> u32 {
        n * 2
    }
    scope_blocking(&cache(), || {
        let pointer: fn(u32) -> u32 = double;
        assert_eq!([1, 2].map(double), [2, 4]);
        assert_eq!(pointer(2), 4);
        assert_eq!(double::all().stats().hits, 1);
    });
}

#[test]
fn arguments_of_all_kinds() {
    static LOADS: Loads = Loads::new();
    #[derive(larder::KeyPart)]
    struct Point {
        x: i32,
        y: i32,
    }
    #[cached]
    fn f(
        text: &str,
        list: &[u8],
        option: Option<&String>,
        mut count: u32,
        Point { x, y }: Point,
        (a, _): (u8, u8),
        nested: &&[&str; 2],
        _: bool,
    ) -> String {
        LOADS.next();
        count += 1;
        format!("{text}{list:?}{option:?}{count}{x}{y}{a}{nested:?}")
    }
    scope_blocking(&cache(), || {
        let call = |text, list, count, y, ignored, last| {
            f(text, list, Some(&"o".to_owned()), count, Point { x: 1, y }, (3, ignored), &&["p", "q"], last)
        };
        let value = "t[1, 2]Some(\"o\")8123[\"p\", \"q\"]";
        assert_eq!(call("t", &[1, 2], 7, 2, 0, true), value);
        assert_eq!(call("t", &[1, 2], 7, 2, 0, true), value);
        assert_eq!(LOADS.so_far(), 1);
        call("u", &[1, 2], 7, 2, 0, true);
        call("t", &[1], 7, 2, 0, true);
        call("t", &[1, 2], 6, 2, 0, true);
        call("t", &[1, 2], 7, 4, 0, true);
        call("t", &[1, 2], 7, 2, 5, true);
        assert_eq!(LOADS.so_far(), 6, "each of them counts");
        call("t", &[1, 2], 7, 2, 0, false);
        assert_eq!(LOADS.so_far(), 6, "a `_` can't be seen by the body");
    });
}

#[test]
fn early_returns_and_question_marks() {
    #[cached]
    fn f(text: &str) -> Result<u8, std::num::ParseIntError> {
        if text.is_empty() {
            return Ok(0);
        }
        let number: u8 = text.parse()?;
        Ok(number + 1)
    }
    scope_blocking(&cache(), || {
        assert_eq!((f(""), f("4")), (Ok(0), Ok(5)));
        assert!(f("x").is_err());
        assert_eq!((f(""), f("4")), (Ok(0), Ok(5)));
    });
}

#[test]
fn generic_functions_have_entries_for_each_type() {
    static LOADS: Loads = Loads::new();
    #[cached(key = "functions.generic:<id>")]
    fn size<T, const N: usize>(id: u8) -> usize
    where
        T: Clone + Default,
    {
        LOADS.next();
        size_of::<[T; N]>()
    }
    #[cached]
    fn debug<T: larder::KeyPart + std::fmt::Debug>(value: T) -> String {
        LOADS.next();
        format!("{value:?}")
    }
    scope_blocking(&cache(), || {
        for _ in 0..2 {
            assert_eq!((size::<u8, 3>(1), size::<u16, 3>(1), size::<u8, 4>(1)), (3, 6, 4));
            assert_eq!((debug(1_u8), debug(1_i8), debug("1")), ("1".into(), "1".into(), "\"1\"".into()));
        }
        assert_eq!(LOADS.so_far(), 6);
        size::all().bump().unwrap();
        assert_eq!((size::<u8, 3>(1), size::<u16, 3>(1)), (3, 6));
        assert_eq!(LOADS.so_far(), 8, "a bump is for all types");
    });
}

#[test]
fn types_named_as_by_the_prelude_do_no_harm() {
    mod odd {
        #![expect(dead_code, reason = "they are only in the way")]
        pub(super) struct Option;
        pub(super) struct Result;
        pub(super) struct Some;
        pub(super) struct Ok;
        pub(super) struct Future;
        pub(super) mod core {}
        pub(super) mod std {}
        #[larder::cached(timeout = |_| ::std::time::Duration::from_secs(1), unless = false, key = "functions.odd:<id>")]
        pub(super) fn f(id: u8) -> u8 {
            id
        }
        #[larder::cached]
        pub(super) async fn g(id: u8) -> ::core::result::Result<u8, ()> {
            ::core::result::Result::Ok(id)
        }
    }
    scope_blocking(&cache(), || {
        assert_eq!((odd::f(1), odd::f(1)), (1, 1));
        assert_eq!(futures_lite::future::block_on(odd::g(2)), Ok(2));
        assert_eq!(odd::f::all().stats().hits, 1);
    });
}

#[test]
fn functions_made_by_macros() {
    macro_rules! make {
        ($name:ident, $key:literal, $argument:ident: $type:ty => $body:expr) => {
            #[cached(key = $key)]
            fn $name($argument: $type) -> $type {
                $body
            }
        };
    }
    make!(one, "functions.made_one:<n>", n: u8 => n + 1);
    make!(two, "functions.made_two:<n>", n: u16 => n + 2);
    scope_blocking(&cache(), || {
        assert_eq!((one(1), two(1), one(1), two(1)), (2, 3, 2, 3));
        assert_eq!(one::all().stats().hits + two::all().stats().hits, 2);
    });
}

#[test]
fn raw_names() {
    #[cached(key = "functions.raw:<type>:<r#fn>")]
    fn r#match(r#type: u8, r#fn: u8) -> u8 {
        r#type + r#fn
    }
    scope_blocking(&cache(), || {
        assert_eq!((r#match(1, 2), r#match(1, 2)), (3, 3));
        assert_eq!(r#match::entry(1, 2).key(), "functions.raw:1:2");
    });
}

#[test]
fn a_future_of_an_annotated_function_can_be_sent() {
    fn check<T: Send>(value: T) -> T {
        value
    }
    scope_blocking(&cache(), || {
        drop(check(free_async(1)));
        drop(check(free_async::entry(1).refresh()));
        drop(check(free_async::entry(1).invalidate_later()));
    });
}

trait Later {
    fn invalidate_later(self) -> impl Future<Output = ()> + Send;
}

impl<L: Send + Sync> Later for larder::Entry<u64, L> {
    async fn invalidate_later(self) {
        self.invalidate().await.unwrap();
        self.put(5).await.unwrap();
    }
}

#[test]
fn two_types_of_one_name_are_two_keys() {
    trait Unit {
        const FACTOR: u32;
    }
    #[cached]
    fn scale<T: Unit>(n: u32) -> u32 {
        n * T::FACTOR
    }
    let cache = cache();
    scope_blocking(&cache, || {
        let first = {
            struct Local;
            impl Unit for Local {
                const FACTOR: u32 = 10;
            }
            || scale::<Local>(1)
        };
        let second = {
            struct Local;
            impl Unit for Local {
                const FACTOR: u32 = 20;
            }
            || scale::<Local>(1)
        };
        assert_eq!((first(), second(), first(), second()), (10, 20, 10, 20));
    });
}

#[test]
fn the_types_of_impl_trait_arguments_are_in_the_key() {
    #[cached]
    fn shown(x: impl larder::KeyPart + std::fmt::Debug) -> String {
        format!("{x:?}")
    }
    scope_blocking(&cache(), || {
        assert_eq!((shown(1_u8).as_str(), shown("1").as_str()), ("1", "\"1\""));
        assert_eq!((shown(1_u8).as_str(), shown("1").as_str()), ("1", "\"1\""));
    });
}
