//! Types of your own in keys.

use larder::{KeyNeutral, KeyPart, cached};

/// A struct with one field is written as that field: `42`.
#[derive(Clone, Copy, KeyPart)]
struct UserId(u64);

/// An enum is written as the name of its variant, with its fields.
#[derive(Clone, Copy, KeyPart)]
enum Sort {
    Newest,
    Best { at_least: u8 },
}

/// A request; only a part of it decides the result.
struct Request {
    user: UserId,
    trace: u128,
}

/// A handle that never changes a result. Saying so once saves an `ignore(pool)` at every function.
struct Pool;

impl KeyNeutral for Pool {}

#[cached(timeout = 60, key = "posts:<user>:<sort>:<tags>")]
fn posts(_pool: &Pool, user: UserId, sort: Sort, tags: &[&str]) -> String {
    let least = if let Sort::Best { at_least } = sort { at_least } else { 0 };
    format!("{} {least} {}", user.0, tags.join(" "))
}

/// Naming a field says that this field identifies the argument.
#[cached(timeout = 60, key = "greeting:<request.user>")]
fn greeting(request: &Request) -> String {
    assert!(request.trace > 0);
    format!("Hello, {}", request.user.0)
}

fn main() {
    let user = UserId(42);
    assert_eq!(posts(&Pool, user, Sort::Newest, &["tea", "green"]), "42 0 tea green");

    // Two different calls have two different keys, whatever is in the text.
    let keys = [
        posts::entry(&Pool, user, Sort::Newest, &["tea", "green"]).key().to_owned(),
        posts::entry(&Pool, user, Sort::Newest, &["tea,green"]).key().to_owned(),
        posts::entry(&Pool, user, Sort::Newest, &["tea:green"]).key().to_owned(),
        posts::entry(&Pool, user, Sort::Best { at_least: 3 }, &[]).key().to_owned(),
    ];
    for (i, key) in keys.iter().enumerate() {
        assert!(key.starts_with("posts:42:"), "{key}");
        assert!(!keys[..i].contains(key), "{key}");
    }

    assert_eq!(greeting(&Request { user, trace: 1 }), "Hello, 42");
    assert_eq!(greeting::entry(&Request { user, trace: 2 }).get().as_deref(), Some("Hello, 42"));
}
