//! The last step of the walk (`kind.rs`): can the value leave the process? Asked by the type alone, so that nothing has to be
//! declared, and a function whose value can't be written as bytes is cached in memory as before.

use crate::kind::{Fallible, FallibleOptional, Optional, Plain, Sharing, SharingOptional};
#[cfg(feature = "shared")]
pub use crate::shared::wire::Wire;

/// How a value becomes bytes. Without the feature `shared` there is none.
#[cfg(not(feature = "shared"))]
#[doc(hidden)]
#[derive(Debug)]
pub enum Wire {}

#[cfg(feature = "shared")]
pub(crate) use with_bytes::Wired;

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
mod with_bytes {
    use std::any::Any;
    use std::marker::PhantomData;
    use std::sync::Arc;

    use serde::{Deserialize, Serialize};

    use super::Wire;
    use crate::checked::Holds;
    use crate::kind::{Fallible, FallibleOptional, Optional, Plain, Sharing, SharingOptional};
    use crate::memory::{Header, Stored};
    use crate::outcome::{Origin, Outcome, OwnTags, Seen};
    use crate::shared::wire::WireOf;

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
        #[expect(
            clippy::unused_self,
            clippy::unnecessary_wraps,
            reason = "the compiler chooses it or that of `AnyFind`"
        )]
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
        type Kind = K::Kind;

        #[inline]
        fn seen(output: &K::Output) -> Seen<'_, K::Value> {
            K::seen(output)
        }

        #[inline]
        fn from_value(value: K::Value) -> K::Output {
            K::from_value(value)
        }

        fn from_nothing() -> Option<fn() -> K::Output> {
            K::from_nothing()
        }

        fn share(output: &K::Output, header: &mut Option<Header>) -> Option<Arc<Stored>> {
            K::share(output, header)
        }

        fn from_shared(failure: &(dyn Any + Send + Sync)) -> Option<K::Output> {
            K::from_shared(failure)
        }

        const PASSES: bool = K::PASSES;

        fn came(output: K::Output, origin: Origin) -> K::Output {
            K::came(output, origin)
        }

        fn instead(output: K::Output, failed: &K::Output) -> K::Output {
            K::instead(output, failed)
        }

        fn lifetime(value: &K::Value, usual: u64) -> u64 {
            K::lifetime(value, usual)
        }

        fn own_tags(value: &K::Value) -> Option<&OwnTags> {
            K::own_tags(value)
        }

        fn wire() -> Option<&'static Wire> {
            Some(WireOf::<K::Value>::WIRE)
        }
    }
}

#[cfg(all(test, feature = "shared"))]
mod tests {
    #![expect(unused_imports, reason = "only a macro of another crate may import what it then does not need")]

    use std::any::{TypeId, type_name};
    use std::collections::{BTreeMap, HashMap};
    use std::sync::Arc;

    use serde::de::DeserializeOwned;
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::__private::{batch_kind, kind, wire};
    use crate::memory::Header;
    use crate::outcome::{CanFail, FindsNothing, KeepsErrors, Outcome, Seen};

    #[derive(Clone, Serialize, Deserialize)]
    struct Row {
        _id: u64,
    }

    #[derive(Clone)]
    struct Opaque;

    /// Kept, but not cloneable: no error of it can be shared.
    struct Failed;

    type Alias = Result<Option<Row>, String>;

    fn name_of<K>(_kind: K) -> String {
        type_name::<K>().replace("larder::kind::", "").replace("larder::wired::", "").replace("with_bytes::", "")
    }

    fn value_of<K: Outcome>(_kind: K) -> Option<TypeId> {
        K::wire().map(Wire::type_id)
    }

    /// The kind, and what it says of its wire; `wire!` says the same.
    macro_rules! wired_as {
        ($output:ty) => {{
            let (by_kind, by_macro) = (value_of(kind!($output)), wire!($output).map(Wire::type_id));
            assert_eq!(by_kind, by_macro);
            by_kind
        }};
    }

    #[test]
    fn what_serde_can_write_has_a_wire() {
        let row = Some(TypeId::of::<Row>());
        assert_eq!(wired_as!(Row), row);
        assert_eq!(wired_as!(Option<Row>), row);
        assert_eq!(wired_as!(Result<Row, String>), row);
        assert_eq!(wired_as!(Result<Row, Failed>), row);
        assert_eq!(wired_as!(Result<Option<Row>, Failed>), row);
        assert_eq!(wired_as!(Alias), row);
        assert_eq!(wired_as!(Arc<Row>), Some(TypeId::of::<Arc<Row>>()), "as serde's feature `rc` is on here");
        assert_eq!(wired_as!(()), Some(TypeId::of::<()>()));
        let name = name_of(kind!(Alias));
        assert!(name.starts_with("Wired<SharingOptional<") && name.ends_with(", alloc::string::String>>"), "{name}");
    }

    #[test]
    fn what_it_can_not_has_none_and_is_kept_as_before() {
        assert_eq!(wired_as!(Opaque), None);
        assert_eq!(wired_as!(Option<Opaque>), None);
        assert_eq!(wired_as!(Result<Arc<Opaque>, Failed>), None);
        assert_eq!(wired_as!(Result<Option<Vec<Opaque>>, String>), None);
        assert!(name_of(kind!(Result<Opaque, Failed>)).starts_with("Fallible<"));
    }

    /// Only values that are borrowed can be such; the compiler does not know it when it chooses.
    #[test]
    fn references_that_live_for_ever_compile_and_are_refused_at_run_time() {
        for wire in [wire!(&'static str), wire!(Option<Vec<&'static str>>), wire!(Result<(u8, &'static [u8]), Failed>)]
        {
            assert!(wire.is_some_and(|wire| wire.fingerprint().is_err()));
        }
    }

    fn generic<T: Clone + Send + Sync + 'static>() -> Option<TypeId> {
        wired_as!(Result<T, String>)
    }

    fn half_bounded<T: Serialize + Clone + Send + Sync + 'static>() -> Option<TypeId> {
        wired_as!(Option<T>)
    }

    fn bounded<T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static>() -> Option<TypeId> {
        wired_as!(Vec<T>)
    }

    #[test]
    fn a_type_parameter_is_what_its_bounds_say() {
        assert_eq!(generic::<Row>(), None);
        assert_eq!(half_bounded::<Row>(), None);
        assert_eq!(bounded::<Row>(), Some(TypeId::of::<Vec<Row>>()));
    }

    #[test]
    fn a_batch_has_the_wire_of_its_rows() {
        let row = Some(TypeId::of::<Row>());
        assert_eq!(value_of(batch_kind!(HashMap<u64, Row>, u64)), row);
        assert_eq!(value_of(batch_kind!(Result<BTreeMap<u64, Row>, Failed>, u64)), row);
        assert_eq!(value_of(batch_kind!(HashMap<u64, Vec<Opaque>>, u64)), None);
    }

    #[test]
    fn what_can_not_be_kept_has_no_wire_and_is_no_second_error() {
        #[derive(Serialize, Deserialize)]
        struct NotCloned;
        assert!(wire!(NotCloned).is_none());
    }

    #[test]
    fn what_a_kind_can_do_it_can_do_with_a_wire() {
        fn finds_nothing<K: Outcome<Kind: FindsNothing>>(_kind: K) {}
        fn keeps_errors<K: Outcome<Kind: KeepsErrors>>(_kind: K) {}
        fn can_fail<K: Outcome<Kind: CanFail>>(_kind: K) {}
        fn takes_apart<K: Outcome<Output = Alias, Value = Row>>(_kind: K) {
            assert!(matches!(K::seen(&Ok(None)), Seen::Nothing));
            assert!(matches!(K::seen(&Err(String::new())), Seen::Failed));
            assert!(K::from_nothing().is_some_and(|nothing| matches!(nothing(), Ok(None))));
            assert!(K::from_value(Row { _id: 1 }).is_ok());
            let header = Header::new(0, "key", None, 0, 0);
            let shared = K::share(&Err("down".to_owned()), &mut Some(header));
            let error = shared.and_then(|shared| K::from_shared(&shared.value)).and_then(Result::err);
            assert_eq!(error.as_deref(), Some("down"));
        }
        finds_nothing(kind!(Option<Row>));
        finds_nothing(kind!(Alias));
        keeps_errors(kind!(Alias));
        can_fail(kind!(Result<Row, Failed>));
        takes_apart(kind!(Alias));
    }

    /// What generated code will put into its site.
    static IN_A_STATIC: fn() -> Option<&'static Wire> = || wire!(Alias);

    #[test]
    fn a_static_can_hold_the_question() {
        assert_eq!(IN_A_STATIC().map(Wire::type_id), Some(TypeId::of::<Row>()));
    }
}
