//! Which types can be part of a key, and which can be left out of it.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZero;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::key::KeyWriter;

/// A value that can be part of a key: two values that differ are rendered differently.
///
/// Implemented for integers, `bool`, `char`, strings, `Option`, tuples, arrays, slices, vectors, references and smart
/// pointers of those, `NonZero`, IP addresses, `Duration` and `SystemTime`; for the types of `uuid`, `chrono` and `time`
/// behind the features of those names. Not for floats (`-0.0 == 0.0`, `NaN != NaN`) nor for maps (no order).
///
/// For your own types use the derive of the same name:
///
/// ```
/// #[derive(larder::KeyPart)]
/// struct UserId(u64);
///
/// #[derive(larder::KeyPart)]
/// enum Sort {
///     Price,
///     Rating { at_least: u8 },
/// }
/// ```
///
/// A struct with one field is rendered as that field, any other as a tuple, an enum as the name of its variant followed
/// by the tuple of its fields.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be part of a cache key",
    label = "not a `KeyPart`",
    note = "if it can't change the result, leave it out: add `ignore(..)` with the argument's name to `#[cached]`",
    note = "if a part of it identifies the result, name that part: `key = \"..:<argument.field>\"`",
    note = "if it is your own type, put `#[derive(larder::KeyPart)]` on it"
)]
pub trait KeyPart {
    /// Keeps the trait from being used through `dyn`: values of different types could be rendered alike.
    #[doc(hidden)]
    const SIZED: () = ();

    /// Writes this value into a key. Values that are not equal must write different text.
    fn render(&self, key: &mut KeyWriter<'_>);
}

/// A [`KeyPart`] once more, for the ids of a batch: no advice to ignore them.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an id of a batch",
    label = "not a `KeyPart`",
    note = "each id is part of the key of its row: put `#[derive(larder::KeyPart)]` on your own type, or the bound `larder::KeyPart` on a type parameter",
    note = "if a part of it identifies the row, name that part: `key = \"..:<ids.field>\"`"
)]
pub trait IdPart: KeyPart {}

#[diagnostic::do_not_recommend]
impl<T: KeyPart + ?Sized> IdPart for T {}

/// A type whose values never change the result of a function: a handle to a database, a framework's state.
///
/// An argument of such a type needs no place in the key. Implement it for your own handles; never for a type that can
/// carry the identity of a user, a tenant or a session.
///
/// ```
/// struct Db; // a pool of connections
/// impl larder::KeyNeutral for Db {}
/// ```
#[diagnostic::on_unimplemented(
    message = "an argument of type `{Self}` is not part of the cache key",
    label = "neither in `key` nor in `ignore`",
    note = "if it changes the result, name it in the key: `key = \"..:<argument>\"`",
    note = "if it never changes the result, add `ignore(argument)` to `#[cached]`, or implement `larder::KeyNeutral` for its type"
)]
pub trait KeyNeutral {}

impl<T: KeyNeutral + ?Sized> KeyNeutral for &T {}
impl<T: KeyNeutral + ?Sized> KeyNeutral for &mut T {}
impl<T: KeyNeutral + ?Sized> KeyNeutral for Arc<T> {}
impl<T: KeyNeutral + ?Sized> KeyNeutral for Rc<T> {}
impl<T: KeyNeutral + ?Sized> KeyNeutral for Box<T> {}
impl KeyNeutral for crate::Cache {}

macro_rules! through {
    ($method:ident as $wide:ty: $($type:ty),*) => {$(
        impl KeyPart for $type {
            #[inline]
            fn render(&self, key: &mut KeyWriter<'_>) {
                key.$method(<$wide>::from(*self));
            }
        }
        impl KeyPart for NonZero<$type> {
            #[inline]
            fn render(&self, key: &mut KeyWriter<'_>) {
                self.get().render(key);
            }
        }
    )*};
}

through!(unsigned as u64: u8, u16, u32, u64);
through!(signed as i64: i8, i16, i32, i64);
through!(wide as u128: u128);

macro_rules! pointer_sized {
    ($($type:ty as $wide:ty: $method:ident),*) => {$(
        impl KeyPart for $type {
            #[inline]
            fn render(&self, key: &mut KeyWriter<'_>) {
                key.$method(*self as $wide);
            }
        }
        impl KeyPart for NonZero<$type> {
            #[inline]
            fn render(&self, key: &mut KeyWriter<'_>) {
                self.get().render(key);
            }
        }
    )*};
}

pointer_sized!(usize as u64: unsigned, isize as i64: signed);

impl KeyPart for i128 {
    fn render(&self, key: &mut KeyWriter<'_>) {
        if *self < 0 {
            key.minus();
        }
        key.wide(self.unsigned_abs());
    }
}

impl KeyPart for NonZero<i128> {
    fn render(&self, key: &mut KeyWriter<'_>) {
        self.get().render(key);
    }
}

impl KeyPart for bool {
    #[inline]
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.string(if *self { "true" } else { "false" });
    }
}

impl KeyPart for char {
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.string(self.encode_utf8(&mut [0; 4]));
    }
}

impl KeyPart for str {
    #[inline]
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.string(self);
    }
}

impl KeyPart for String {
    #[inline]
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.string(self);
    }
}

impl<T: KeyPart> KeyPart for Option<T> {
    #[inline]
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.option(self.as_ref());
    }
}

impl<T: KeyPart> KeyPart for [T] {
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.list(self);
    }
}

impl<T: KeyPart, const N: usize> KeyPart for [T; N] {
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.list(self);
    }
}

impl<T: KeyPart> KeyPart for Vec<T> {
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.list(self);
    }
}

macro_rules! behind_a_pointer {
    ($($type:ty),*) => {$(
        impl<T: KeyPart + ?Sized> KeyPart for $type {
            #[inline]
            fn render(&self, key: &mut KeyWriter<'_>) {
                (**self).render(key);
            }
        }
    )*};
}

behind_a_pointer!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

impl<T: KeyPart + ToOwned + ?Sized> KeyPart for Cow<'_, T> {
    #[inline]
    fn render(&self, key: &mut KeyWriter<'_>) {
        (**self).render(key);
    }
}

macro_rules! tuples {
    ($($($name:ident.$index:tt)+;)+) => {$(
        impl<$($name: KeyPart),+> KeyPart for ($($name,)+) {
            fn render(&self, key: &mut KeyWriter<'_>) {
                key.begin_tuple();
                $(key.element(&self.$index);)+
                key.end_tuple();
            }
        }
    )+};
}

tuples! {
    A.0;
    A.0 B.1;
    A.0 B.1 C.2;
    A.0 B.1 C.2 D.3;
    A.0 B.1 C.2 D.3 E.4;
    A.0 B.1 C.2 D.3 E.4 F.5;
    A.0 B.1 C.2 D.3 E.4 F.5 G.6;
    A.0 B.1 C.2 D.3 E.4 F.5 G.6 H.7;
}

impl KeyPart for () {
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.begin_tuple();
        key.end_tuple();
    }
}

macro_rules! by_text {
    ($($(#[$attribute:meta])* $type:ty),* $(,)?) => {$(
        $(#[$attribute])*
        impl KeyPart for $type {
            fn render(&self, key: &mut KeyWriter<'_>) {
                key.string(&self.to_string());
            }
        }
    )*};
}

// The `Display` of each of these is one-to-one and part of its contract.
by_text! {
    IpAddr, Ipv4Addr, Ipv6Addr,
    #[cfg(feature = "chrono")] chrono::NaiveDate,
    #[cfg(feature = "time")] time::Date,
    #[cfg(feature = "time")] time::Time,
    #[cfg(feature = "time")] time::PrimitiveDateTime,
}

/// The address and the port, and for version 6 what routing adds to them.
impl KeyPart for SocketAddr {
    fn render(&self, key: &mut KeyWriter<'_>) {
        match self {
            Self::V4(v4) => (*v4.ip(), v4.port()).render(key),
            Self::V6(v6) => (*v6.ip(), v6.port(), v6.flowinfo(), v6.scope_id()).render(key),
        }
    }
}

/// Seconds and nanoseconds, of which a leap second has more than a thousand million.
#[cfg(feature = "chrono")]
impl KeyPart for chrono::NaiveTime {
    fn render(&self, key: &mut KeyWriter<'_>) {
        use chrono::Timelike;
        (self.num_seconds_from_midnight(), self.nanosecond()).render(key);
    }
}

#[cfg(feature = "chrono")]
impl KeyPart for chrono::NaiveDateTime {
    fn render(&self, key: &mut KeyWriter<'_>) {
        (self.date(), self.time()).render(key);
    }
}

impl KeyPart for Duration {
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.wide(self.as_nanos());
        key.string("ns");
    }
}

/// Nanoseconds since 1970, with a sign in front for moments before it.
impl KeyPart for SystemTime {
    fn render(&self, key: &mut KeyWriter<'_>) {
        match self.duration_since(UNIX_EPOCH) {
            Ok(after) => after.render(key),
            Err(before) => {
                key.minus();
                before.duration().render(key);
            }
        }
    }
}

#[cfg(feature = "uuid")]
impl KeyPart for uuid::Uuid {
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.string(self.as_hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()));
    }
}

/// The moment it names: two values of different time zones that are equal are one key.
#[cfg(feature = "chrono")]
impl<Tz: chrono::TimeZone> KeyPart for chrono::DateTime<Tz> {
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.string(&format!("{}.{:09}", self.timestamp(), self.timestamp_subsec_nanos()));
    }
}

/// The moment it names: two values of different offsets that are equal are one key.
#[cfg(feature = "time")]
impl KeyPart for time::OffsetDateTime {
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.string(&format!("{}.{:09}", self.unix_timestamp(), self.nanosecond()));
    }
}
