//! Writers of every shape, whatever names mean here.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs)]
#![allow(dead_code)]

use ::larder::{cached, invalidates};

mod core {}
mod std {}
mod larder {}
struct Result;
struct Option;
struct Ok;
struct Err;
struct Some;
struct None;
struct Box;
struct Future;

type Outcome<T> = ::core::result::Result<T, ::std::boxed::Box<dyn ::core::error::Error + Send + Sync>>;

#[cached(key = "user:<name>")]
fn user(name: &str) -> u64 {
    name.len() as u64
}

#[cached(key = "later:<id>")]
async fn later(id: u64) -> u64 {
    id
}

// The handle borrows `name`, the body moves it.
#[invalidates(user::entry(&name), later::entry(id), user::all(), ::larder::tag!("team:<id>"))]
async fn moves(id: u64, name: ::std::string::String) -> ::std::string::String {
    name
}

#[invalidates(user::entry(&name), later::all())]
fn moves_blocking(name: ::std::string::String) -> ::std::string::String {
    name
}

#[invalidates((!name.is_empty()).then(|| user::entry(&name)), vec![user::entry(&name)], [(user::entry(&name), user::all())])]
fn moves_lists(name: ::std::string::String) -> ::std::string::String {
    name
}

#[invalidates(user::all())]
fn nothing() {}

#[invalidates(user::all())]
async fn nothing_later() {}

#[invalidates(later::entry(invalidations), later::entry(output), later::entry(error), on_error = return)]
fn names_of_ours(invalidations: u64, output: u64, error: u64) -> Outcome<u64> {
    if invalidations == 7 {
        return ::core::result::Result::Err("seven".into());
    }
    "5".parse::<u64>()?;
    ::core::result::Result::Ok(invalidations + output + error)
}

#[invalidates(on_error = return, later::entry(id))]
async fn names_of_ours_later(id: u64) -> Outcome<u64> {
    let value = later(id).await;
    "5".parse::<u64>()?;
    ::core::result::Result::Ok(value)
}

#[invalidates(later::entry(r#type), ::larder::tag!("type:<r#type>"), ::larder::tag!("type:<type>"))]
fn raw(r#type: u64) -> u64 {
    r#type
}

#[invalidates(later::entry(*first), later::entry(second.1))]
fn patterns((_a, b): (u64, u64), mut count: u64, first: &u64, second: (u64, u64), _: u8) -> u64 {
    count += b;
    count
}

#[invalidates(later::entry(place.0))]
fn borrows(place: &mut (u64, u64)) -> &mut u64 {
    place.0 += 1;
    &mut place.1
}

#[invalidates(later::entry(place.0))]
async fn borrows_later<'a>(place: &'a mut (u64, u64), other: &str) -> &'a mut u64 {
    place.0 += other.len() as u64;
    &mut place.1
}

#[invalidates(later::entry(7))]
fn opaque(list: &[u64]) -> impl Iterator<Item = u64> {
    list.iter().map(|item| item + 1)
}

#[invalidates(later::entry(7))]
async fn opaque_later(list: &[u64]) -> impl Iterator<Item = u64> {
    list.iter().map(|item| item + 1)
}

#[invalidates(later::entry(7), on_error = return)]
fn opaque_inside() -> Outcome<impl Sized> {
    ::core::result::Result::Ok(1)
}

#[invalidates(later::entry(N))]
fn generic<T: ::core::fmt::Debug, const N: u64>(of: T) -> T
where
    T: Clone,
{
    of
}

#[invalidates(later::entry(1))]
#[invalidates(later::entry(2))]
fn twice() {}

#[invalidates(later::entry(1))]
#[must_use]
#[inline]
pub(crate) extern "C" fn attributes(#[allow(unused_variables)] x: u64) -> u64 {
    1
}

#[invalidates(moved.then(|| later::entry(1)), [later::entry(1), later::entry(2)], (later::all(), user::all()), (&later::all(),))]
fn lists(moved: bool) {
    assert!(moved);
}

#[invalidates(later::entry(1))]
fn diverges(x: u64) -> u64 {
    if x > 0 {
        return 1;
    }
    loop {}
}

#[invalidates(later::entry(1))]
async fn not_yet() -> u64 {
    todo!()
}

struct Users {
    names: ::std::vec::Vec<::std::string::String>,
}

impl Users {
    #[cached(key = "name:<id>", ignore(self), entry = name_entry)]
    fn name(&self, id: u64) -> ::core::option::Option<::std::string::String> {
        self.names.get(id as usize).cloned()
    }

    #[invalidates(self.name_entry(id), self.name_entry(id).all(), ::larder::tag!("users:<self.names.len()>:<Self>"))]
    fn rename(&mut self, id: u64, name: ::std::string::String) {
        self.names[id as usize] = name;
    }

    #[invalidates(self.name_entry(id))]
    async fn remove(self, id: u64) -> Self {
        self
    }

    #[invalidates(self)]
    async fn refers(&self) {}

    #[invalidates(Users::name_entry(&self, 1))]
    fn shared(self: ::std::sync::Arc<Self>) -> usize {
        self.names.len()
    }
}

impl ::larder::Invalidate for &Users {
    async fn apply(self) -> ::core::result::Result<(), ::larder::Error> {
        self.name_entry(1).invalidate()
    }
}

trait Write {
    async fn write(&mut self, id: u64) -> ::core::option::Option<u64>;

    #[invalidates(later::entry(id))]
    fn touch(&self, id: u64) {}
}

impl Write for Users {
    #[invalidates(later::entry(id), ::larder::tag!("write:<id>"))]
    async fn write(&mut self, id: u64) -> ::core::option::Option<u64> {
        let last = self.names.pop()?;
        ::core::option::Option::Some(last.len() as u64 + id)
    }
}

#[invalidates(|output| user::entry(&::std::format!("{output}{invalidations}{made}")), |value| later::entry(*value))]
fn names_of_ours_in_closures(invalidations: u64, made: u64) -> u64 {
    let value = 1;
    invalidations + made + value
}

#[invalidates(
    |(a, _)| -> ::larder::blocking::Entry<_, _> { user::entry(a) },
    |(_, b): &(::std::string::String, u64)| {
        if *b == 0 {
            return ::core::option::Option::None;
        }
        ::core::option::Option::Some(later::entry(*b))
    },
    move |_| user::all(),
)]
async fn closures_of_every_shape(a: u64) -> (::std::string::String, u64) {
    ("a".into(), a)
}

macro_rules! writer {
    ($name:ident, $argument:ident, $entry:expr, $body:block) => {
        #[invalidates($entry, later::entry($argument), ::larder::tag!("made:<own>"))]
        fn $name($argument: u64, own: u64) -> u64 {
            let argument = 1;
            $argument + own + argument + $body
        }
    };
}

writer!(made, argument, user::entry("made"), { 1 });

fn main() {
    assert_eq!((made(1, 2), names_of_ours_in_closures(1, 2)), (5, 4));
    const fn send<T: Send>(_: &T) {}
    send(&moves(1, ::std::string::String::new()));
    send(&names_of_ours_later(1));
    assert_eq!(moves_blocking("a".into()), "a");
    assert_eq!(moves_lists("a".into()), "a");
    nothing();
    assert_eq!(names_of_ours(1, 2, 3).ok(), ::core::option::Option::Some(6));
    assert!(names_of_ours(7, 2, 3).is_err());
    assert_eq!((raw(1), patterns((1, 2), 3, &4, (5, 6), 7)), (1, 5));
    let mut place = (1, 2);
    *borrows(&mut place) += 1;
    assert_eq!(place, (2, 3));
    assert_eq!(opaque(&[1, 2]).sum::<u64>(), 5);
    assert_eq!((generic::<_, 7>("a"), attributes(1)), ("a", 1));
    twice();
    lists(true);
    let mut users = Users { names: ::std::vec!["a".into(), "b".into()] };
    assert_eq!(users.name(1).as_deref(), ::core::option::Option::Some("b"));
    users.rename(1, "c".into());
    assert_eq!(users.name(1).as_deref(), ::core::option::Option::Some("c"));
    users.touch(1);
    drop(closures_of_every_shape(1));
    drop((opaque_later(&[]), borrows_later(&mut place, ""), nothing_later(), not_yet(), users.write(3)));
    let _ = (opaque_inside(), diverges(1));
}
