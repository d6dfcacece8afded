//! The last step of the walk (`kind.rs`): can the value leave the process? Asked by the type alone, so that nothing has to be
//! declared, and a function whose value can't be written as bytes is cached in memory as before.

use crate::kind::{Fallible, FallibleOptional, Optional, Plain, Sharing, SharingOptional};
#[cfg(feature = "shared")]
pub use crate::shared::Wire;

/// How a value becomes bytes. Without the feature `shared` there is none.
#[cfg(not(feature = "shared"))]
#[doc(hidden)]
#[derive(Debug)]
pub enum Wire {}

/// The step for all values that can't be written.
#[doc(hidden)]
pub trait AnyWire: Sized {
    #[must_use]
    fn wire(self) -> Self {
        self
    }
}

impl<T> AnyWire for Plain<T> {}
impl<T> AnyWire for Optional<T> {}
impl<T, E> AnyWire for Fallible<T, E> {}
impl<T, E> AnyWire for Sharing<T, E> {}
impl<T, E> AnyWire for FallibleOptional<T, E> {}
impl<T, E> AnyWire for SharingOptional<T, E> {}

/// What `wire!` asks of a kind. What can't be kept is no error here: `kind!` has said so.
#[doc(hidden)]
pub trait AnyFind: Sized {
    #[must_use]
    fn find(self) -> Option<&'static Wire> {
        None
    }
}

impl<K> AnyFind for K {}

#[cfg(feature = "shared")]
pub use with_bytes::Wired;

#[cfg(feature = "shared")]
mod with_bytes {
    use std::any::Any;
    use std::marker::PhantomData;
    use std::sync::Arc;

    use serde::{Deserialize, Serialize};

    use super::Wire;
    use crate::checked::Holds;
    use crate::kind::{Fallible, FallibleOptional, Optional, Plain, Sharing, SharingOptional};
    use crate::memory::{Header, Stored};
    use crate::outcome::{CanFail, FindsNothing, KeepsErrors, Outcome, Seen};
    use crate::shared::WireOf;

    /// A kind whose value can be written and read back.
    #[doc(hidden)]
    #[derive(Debug)]
    pub struct Wired<K>(PhantomData<fn() -> K>);

    /// The step for the kinds whose value is `Serialize + Deserialize`. `Deserialize<'static>` is asked for and not
    /// `DeserializeOwned`: whether a value like `&'static str` has the latter is a question of lifetimes, which the compiler does not
    /// ask when it chooses a method, so that such a function would be an error instead of one that stays in memory.
    /// `shape.rs` finds those at run time.
    macro_rules! wired {
        ([$($generics:ident),*] $kind:ty) => {
            impl<T: Serialize + Deserialize<'static>, $($generics),*> $kind {
                #[must_use]
                pub const fn wire(self) -> Wired<Self> {
                    Wired(PhantomData)
                }
            }
        };
    }

    wired!([] Plain<T>);
    wired!([] Optional<T>);
    wired!([E] Fallible<T, E>);
    wired!([E] Sharing<T, E>);
    wired!([E] FallibleOptional<T, E>);
    wired!([E] SharingOptional<T, E>);

    impl<K> Wired<K>
    where
        K: Outcome<Value: Serialize + Deserialize<'static>>,
    {
        #[must_use]
        pub const fn find(self) -> Option<&'static Wire> {
            Some(WireOf::<K::Value>::WIRE)
        }
    }

    impl<K: Holds> Holds for Wired<K> {
        type Inner = K::Inner;
    }

    impl<K> Outcome for Wired<K>
    where
        K: Outcome<Value: Serialize + Deserialize<'static>>,
    {
        type Output = K::Output;
        type Value = K::Value;

        #[inline]
        fn seen(output: &K::Output) -> Seen<'_, K::Value> {
            K::seen(output)
        }

        #[inline]
        fn from_value(value: K::Value) -> K::Output {
            K::from_value(value)
        }

        fn from_nothing() -> Option<K::Output> {
            K::from_nothing()
        }

        fn share(output: &K::Output, header: &mut Option<Header>) -> Option<Arc<Stored>> {
            K::share(output, header)
        }

        fn from_shared(failure: &(dyn Any + Send + Sync)) -> Option<K::Output> {
            K::from_shared(failure)
        }

        fn wire() -> Option<&'static Wire> {
            Some(WireOf::<K::Value>::WIRE)
        }
    }

    #[diagnostic::do_not_recommend]
    impl<K: FindsNothing> FindsNothing for Wired<K> {}

    #[diagnostic::do_not_recommend]
    impl<K: KeepsErrors> KeepsErrors for Wired<K> {}

    #[diagnostic::do_not_recommend]
    impl<K: CanFail> CanFail for Wired<K> {}
}
