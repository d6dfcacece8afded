//! The only door of generated code. Nothing here is public interface; it changes without notice.

pub use crate::call::call;
pub use crate::checked::checked;
pub use crate::default::current as cache;
pub use crate::fragment::block::{Known, awaited, fragment, returned};
pub use crate::kind::{AnyError, AnyInner, AnyShape, Tag};
pub use crate::owned::{Owned, keep, own};
pub use crate::part::KeyNeutral;
pub use crate::repeat::{again, repeated};
pub use crate::rows::{AnyId, AnyOnly, Batch, OneId, Only, Rows, tag_of_one};
pub use crate::site::{Piece, SITES, Site};
pub use crate::wired::{AnyFind, AnyWire, Wire};
pub use crate::writer::{AnyEnd, AnyStep, End, Invalidations, Step, body, failed, failing};
pub use linkme;

use std::ops::Deref;

use crate::buffer::KeyBuffer;
use crate::cache::Cache;
use crate::key::KeyWriter;
use crate::part::KeyPart;
use crate::{Group, blocking};

/// What tests and the fuzz target need of the shared tier.
#[cfg(feature = "shared")]
pub mod wire_door {
    pub use crate::shared::door::{mend, read, read_payload, write};
}

/// Handlers of actix-web.
#[cfg(feature = "actix")]
pub use crate::http::actix;

/// Handlers of axum.
#[cfg(feature = "axum")]
pub use crate::http::axum;

/// The expansion of a handler of axum, or, without the feature, what says so and the function as it was given.
#[cfg(feature = "axum")]
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_with_axum {
    ({ $($with:tt)* } { $($without:tt)* }) => { $($with)* };
}
#[cfg(not(feature = "axum"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_with_axum {
    ({ $($with:tt)* } { $($without:tt)* }) => {
        $($without)*
        ::core::compile_error!(
            "handlers of axum need a feature of larder\nhelp: write `larder = { version = \"..\", features = [\"axum\"] }` in your Cargo.toml"
        );
    };
}
pub use __larder_with_axum as with_axum;

/// The same for actix-web.
#[cfg(feature = "actix")]
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_with_actix {
    ({ $($with:tt)* } { $($without:tt)* }) => { $($with)* };
}
#[cfg(not(feature = "actix"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_with_actix {
    ({ $($with:tt)* } { $($without:tt)* }) => {
        $($without)*
        ::core::compile_error!(
            "handlers of actix-web need a feature of larder\nhelp: write `larder = { version = \"..\", features = [\"actix\"] }` in your Cargo.toml"
        );
    };
}
pub use __larder_with_actix as with_actix;

/// An argument of a handler, in a key that is made from all of them: nothing for one that is neutral.
#[cfg(any(feature = "axum", feature = "actix"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_extracted {
    ($key:expr, $argument:expr) => {{
        use $crate::__private::ByExtracted as _;
        $crate::__private::Argument($argument).render($key)
    }};
}
#[cfg(any(feature = "axum", feature = "actix"))]
pub use crate::http::extracted::{ByExtracted, unkeyed};
#[cfg(any(feature = "axum", feature = "actix"))]
pub use __larder_extracted as extracted;

/// Makes the site of a function, lists it, and refers to it.
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_site {
    ($name:literal $(, $head:literal, [$($piece:ident($text:literal)),* $(,)?])? $(, |$site:ident| $options:expr)? $(,)?) => {{
        struct Here;
        #[$crate::__private::linkme::distributed_slice($crate::__private::SITES)]
        #[linkme(crate = $crate::__private::linkme)]
        static SITE: $crate::__private::Site = {
            let __site = $crate::__private::Site::new(
                $name,
                || ::core::any::type_name::<Here>(),
                ::core::file!(),
                ::core::line!(),
            );
            $(let __site = __site.key($head, &[$($crate::__private::Piece::$piece($text)),*]);)?
            $(let __site = { let $site = __site; $options };)?
            __site
        };
        &SITE
    }};
}
pub use __larder_site as site;

/// What is found in place of the siblings of a method with `entry` where its impl has none. The method itself says so at
/// its option (`Inherent`); all the rest is no further error.
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_siblings {
    ($site:ident $(: $inherent:path)?, $body:ident [$($generics:tt)*] ($($argument:ident),*) -> $returns:ty) => {
        #[allow(dead_code)]
        trait AnySite {
            fn $site() -> &'static $crate::__private::Site
            $(where
                Self: $inherent,)?
            {
                loop {}
            }
        }
        impl<Any: ?Sized> AnySite for Any {}

        #[allow(dead_code)]
        trait AnyBody<Output> {
            fn $body<$($generics)*>($(_: $crate::__larder_siblings!(@any $argument)),*) -> $returns {
                loop {}
            }
        }
        impl<Any: ?Sized, Output> AnyBody<Output> for Any {}
    };
    (@any $argument:ident) => { impl ::core::marker::Sized };
}
pub use __larder_siblings as siblings;

/// Nothing implements it: for methods whose impl has no place for what `entry` defines.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`entry` on a method of a trait impl",
    label = "nothing can stand beside a method of a trait impl",
    note = "remove `entry`; or put the body into a method of an inherent impl, with `#[cached(entry = ..)]`, and call that one here"
)]
pub trait Inherent {}

/// The kind of a function's outcome: the end of the walk over its return type.
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_kind {
    ($output:ty) => {{
        use $crate::__private::{AnyError as _, AnyInner as _, AnyShape as _, AnyWire as _};
        $crate::__private::checked($crate::__private::Tag::<$output>::new().shape().inner().error().wire())
    }};
}
pub use __larder_kind as kind;

/// The same of a type that has no name here. One that is not known is an error where the value is asked for it, and none about each of the
/// ways that it could go: the type of that is an error, too.
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_kind_of {
    ($tag:expr) => {{
        use $crate::__private::{AnyError as _, AnyInner as _, AnyShape as _, AnyWire as _, Known as _};
        let __tag = if let ::core::option::Option::Some(__value) = $tag.value() {
            $crate::__private::returned(&|| __value.known())
        } else {
            $crate::__private::Tag::new()
        };
        $crate::__private::checked(__tag.shape().inner().error().wire())
    }};
}
pub use __larder_kind_of as kind_of;

/// The kind of what a batch would return for one id.
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_batch_kind {
    ($output:ty, $id:ty) => {{
        use $crate::__private::{AnyError as _, AnyInner as _, AnyShape as _, AnyWire as _};
        let __types = $crate::__private::Tag::<($output, $id)>::new();
        $crate::__private::checked($crate::__private::tag_of_one(__types).shape().inner().error().wire())
    }};
}
pub use __larder_batch_kind as batch_kind;

/// How the value of a function with this return type becomes bytes: an `Option<&'static Wire>`, always `None` without the
/// feature `shared`.
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_wire {
    ($output:ty) => {{
        use $crate::__private::{AnyError as _, AnyFind as _, AnyInner as _, AnyShape as _, AnyWire as _};
        $crate::__private::Tag::<$output>::new().shape().inner().error().wire().find()
    }};
}
pub use __larder_wire as wire;

/// How values become bytes in a shared tier.
#[cfg(feature = "shared")]
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_codec {
    ($codec:ident) => {
        $crate::shared::Codec::$codec
    };
}
/// Without the feature there is nothing to choose.
#[cfg(not(feature = "shared"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_codec {
    ($codec:ident) => {
        ::core::compile_error!(
            "`codec` needs a shared tier\nhelp: add the feature `redis` to larder in your Cargo.toml"
        )
    };
}
pub use __larder_codec as codec;

/// What a batch of one id has given.
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_only {
    ($output:expr, $id:expr) => {{
        use $crate::__private::AnyOnly as _;
        $crate::__private::Only($output, $id).row()
    }};
}
pub use __larder_only as only;

/// One id of a batch, which is borrowed, as the body takes it.
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_one_id {
    ($id:expr, $type:ty) => {{
        use $crate::__private::AnyId as _;
        $crate::__private::OneId::<$type>($id).again()
    }};
}
pub use __larder_one_id as one_id;

/// Puts an argument into a key that is made from all arguments: nothing for one that is neutral.
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_arg {
    ($key:expr, $argument:expr) => {{
        use $crate::__private::ByPart as _;
        $crate::__private::Argument($argument).render($key)
    }};
}
pub use __larder_arg as arg;

/// An argument, to be taken for neutral if its type is, and for a part if not.
#[derive(Debug)]
pub struct Argument<'a, T: ?Sized>(pub &'a T);

impl<T: KeyNeutral + ?Sized> Argument<'_, T> {
    #[inline]
    pub fn render(self, _key: &mut KeyWriter<'_>) {}
}

pub trait ByPart<T: ?Sized> {
    fn render(self, key: &mut KeyWriter<'_>)
    where
        T: KeyPart;
}

impl<T: ?Sized> ByPart<T> for Argument<'_, T> {
    #[inline]
    fn render(self, key: &mut KeyWriter<'_>)
    where
        T: KeyPart,
    {
        key.argument(self.0);
    }
}

/// Accepts an argument that is not part of the key only if it never has to be.
#[inline]
pub const fn undecided<T: KeyNeutral + ?Sized>(_argument: &T) {}

/// Adds one expression of a writer to those before it.
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_step {
    ($invalidate:expr) => {{
        use $crate::__private::AnyStep as _;
        $crate::__private::Step($invalidate).ready()
    }};
}
pub use __larder_step as step;

/// Whether a writer succeeded that has this output.
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_succeeded {
    ($output:expr) => {{
        use $crate::__private::AnyEnd as _;
        $crate::__private::End($output).succeeded()
    }};
}
pub use __larder_succeeded as succeeded;

/// What a writer returned that succeeded.
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_value {
    ($output:expr) => {{
        use $crate::__private::AnyEnd as _;
        $crate::__private::End($output).value()
    }};
}
pub use __larder_value as value;

/// The tag of this text.
pub fn tag(cache: &Cache, render: impl FnOnce(&mut KeyWriter<'_>)) -> crate::Tag {
    let mut buffer = KeyBuffer::new();
    render(&mut KeyWriter::new(&mut buffer, None));
    cache.tag(&String::from_utf8_lossy(buffer.bytes()))
}

/// The entries of a function.
pub fn group<C: Deref<Target = Cache>>(site: &'static Site, cache: C) -> Group {
    Group::new(site, cache.clone())
}

/// The same for an ordinary function.
pub fn group_blocking<C: Deref<Target = Cache>>(site: &'static Site, cache: C) -> blocking::Group {
    blocking::Group::new(group(site, cache))
}
