//! Under which key a call is kept: templates, default keys, and the text as a way to reach the entry.

use larder::testing::scope_blocking;
use larder::{KeyPart, cached};

use crate::support::{Loads, cache};

#[derive(Clone, Debug)]
struct User {
    id: u64,
    team: Team,
    pair: (u8, &'static str),
}

#[derive(Clone, Debug)]
struct Team {
    name: String,
}

impl User {
    fn slug(&self) -> String {
        format!("u{}", self.id)
    }

    fn new(id: u64, team: &str) -> Self {
        Self { id, team: Team { name: team.to_owned() }, pair: (7, "x") }
    }
}

#[test]
fn a_template_is_the_key() {
    #[cached(key = "keys.template:<id>/<name>#end")]
    fn f(id: u64, name: &str) -> String {
        format!("{id}{name}")
    }
    scope_blocking(&cache(), || {
        assert_eq!(f::entry(42, "ann").key(), "keys.template:42/ann#end");
        assert_eq!(f::entry(0, "").key(), "keys.template:0/#end");
        assert_eq!(f(42, "ann"), "42ann");
    });
}

#[test]
fn a_doubled_angle_is_a_literal_one_and_percent_and_braces_stand_for_themselves() {
    #[cached(key = "keys.literal:<<b>%7B<id>;{ }")]
    fn f(id: u8) -> u8 {
        id
    }
    scope_blocking(&cache(), || {
        assert_eq!(f::entry(1).key(), "keys.literal:<b>%7B1;{ }");
        assert_eq!(f(1), 1);
        assert_eq!(f::entry(1).get(), Some(1));
    });
}

#[test]
fn a_template_reaches_into_its_arguments() {
    static LOADS: Loads = Loads::new();
    #[cached(key = "keys.path:<user.id>:<user.team.name>:<user.pair.0>:<user.slug()>")]
    fn f(user: &User) -> u32 {
        LOADS.next()
    }
    scope_blocking(&cache(), || {
        let user = User::new(5, "red");
        assert_eq!(f::entry(&user).key(), "keys.path:5:red:7:u5");
        assert_eq!(f(&user), 1);
        let other_elsewhere = User { pair: (7, "another"), ..user.clone() };
        assert_eq!(f(&other_elsewhere), 1, "the rest of the argument is not in the key");
        assert_eq!(f(&User::new(5, "blue")), 2);
    });
}

#[test]
fn names_of_a_pattern_are_arguments() {
    struct Path<T>(T);
    #[cached(key = "keys.pattern:<id>:<right>", ignore(left))]
    fn f(Path(id): Path<u64>, (left, right): (u8, u8)) -> u64 {
        id + u64::from(left) + u64::from(right)
    }
    scope_blocking(&cache(), || {
        assert_eq!(f::entry(Path(1), (2, 3)).key(), "keys.pattern:1:3");
        assert_eq!(f(Path(1), (2, 3)), 6);
        assert_eq!(f(Path(1), (9, 3)), 6, "`left` is not in the key");
    });
}

#[test]
fn without_a_template_every_argument_is_in_the_key() {
    static LOADS: Loads = Loads::new();
    #[cached]
    fn f(a: u8, b: &str, c: Option<bool>) -> u32 {
        LOADS.next()
    }
    scope_blocking(&cache(), || {
        assert_eq!(f(1, "x", None), 1);
        assert_eq!(f(2, "x", None), 2);
        assert_eq!(f(1, "y", None), 3);
        assert_eq!(f(1, "x", Some(true)), 4);
        assert_eq!(f(1, "x", None), 1);
        assert!(f::entry(1, "x", None).key().ends_with(":1:x:~"), "{}", f::entry(1, "x", None).key());
    });
}

#[test]
fn functions_of_the_same_name_are_not_the_same_function() {
    mod one {
        #[larder::cached]
        pub(super) fn f(id: u64) -> u64 {
            id
        }
    }
    mod two {
        #[larder::cached]
        pub(super) fn f(id: u64) -> u64 {
            id + 100
        }
    }
    #[cached]
    fn f(id: u64) -> u64 {
        id + 1000
    }
    scope_blocking(&cache(), || {
        for _ in 0..2 {
            assert_eq!((one::f(1), two::f(1), f(1)), (1, 101, 1001));
        }
        assert_ne!(one::f::entry(1).key(), two::f::entry(1).key());
    });
}

#[test]
fn extreme_texts_are_keys_like_any_other() {
    static LOADS: Loads = Loads::new();
    #[cached(key = "keys.extreme:<text>")]
    fn f(text: &str) -> u32 {
        LOADS.next()
    }
    let long = "k".repeat(40_000);
    let longer = format!("{long}k");
    let other_start = format!("j{}", &long[1..]);
    let texts = [
        "",
        " ",
        "\0",
        "\0\0",
        "%00",
        "é",
        "e\u{301}",
        "鍵",
        "🔑",
        "A",
        "a",
        "#/:*(<+=> )&$%@?;'\"`~-",
        "keys.extreme:",
        &long,
        &longer,
        &other_start,
    ];
    let cache = cache();
    scope_blocking(&cache, || {
        let first: Vec<u32> = texts.iter().map(|text| f(text)).collect();
        assert_eq!(LOADS.so_far() as usize, texts.len(), "no two share an entry");
        let second: Vec<u32> = texts.iter().map(|text| f(text)).collect();
        assert_eq!(first, second);
        for (text, value) in texts.iter().zip(&first) {
            let key = format!("keys.extreme:{}", larder::escape(text));
            assert_eq!(f::entry(text).key(), key);
            assert_eq!(cache.blocking().get::<u32>(&key), Some(*value));
        }
    });
}

#[test]
fn a_part_of_ones_own_type_is_the_fields_of_it() {
    #[derive(KeyPart)]
    struct UserId(u64);
    #[derive(KeyPart)]
    struct Page {
        number: u32,
        size: Option<u32>,
    }
    #[derive(KeyPart)]
    struct All;
    #[derive(KeyPart)]
    enum Sort<T> {
        Price,
        By(T),
        Rating { at_least: u8, r#in: T },
    }
    #[cached(key = "keys.derive:<id>:<page>:<all>:<sort>")]
    fn f(id: UserId, page: Page, all: All, sort: Sort<&str>) -> bool {
        true
    }
    let key = |sort| f::entry(UserId(9), Page { number: 1, size: None }, All, sort).key().to_owned();
    scope_blocking(&cache(), || {
        assert_eq!(key(Sort::Price), "keys.derive:9:(1,~,):():Price");
        assert_eq!(key(Sort::By("Price")), "keys.derive:9:(1,~,):():By(Price,)");
        assert_eq!(key(Sort::Rating { at_least: 4, r#in: "a,b" }), "keys.derive:9:(1,~,):():Rating(4,a%2Cb,)");
    });
}
