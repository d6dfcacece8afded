//! What a batch returns: a map from ids to rows, or a `Result` of one; and what it would return for a single id.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};
use std::thread;

use crate::checked::{ByNobody, ByValue, Nobody};
use crate::kind::Tag;

/// A map from ids to what was found. That a row can be kept is asked once, of what is returned for one id.
#[doc(hidden)]
pub trait Rows: Sized {
    type Id: Clone;
    type Row;

    fn empty() -> Self;
    fn put(&mut self, id: Self::Id, row: Self::Row);
    fn take(&mut self, id: &Self::Id) -> Option<Self::Row>;
    fn row(&self, id: &Self::Id) -> Option<&Self::Row>;
}

impl<Id: Clone + Eq + Hash, Row, S: BuildHasher + Default> Rows for HashMap<Id, Row, S> {
    type Id = Id;
    type Row = Row;

    fn empty() -> Self {
        Self::default()
    }

    fn put(&mut self, id: Id, row: Row) {
        self.insert(id, row);
    }

    fn take(&mut self, id: &Id) -> Option<Row> {
        self.remove(id)
    }

    fn row(&self, id: &Id) -> Option<&Row> {
        self.get(id)
    }
}

impl<Id: Clone + Ord, Row> Rows for BTreeMap<Id, Row> {
    type Id = Id;
    type Row = Row;

    fn empty() -> Self {
        Self::new()
    }

    fn put(&mut self, id: Id, row: Row) {
        self.insert(id, row);
    }

    fn take(&mut self, id: &Id) -> Option<Row> {
        self.remove(id)
    }

    fn row(&self, id: &Id) -> Option<&Row> {
        self.get(id)
    }
}

/// The output of a batch function.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a batch can't return `{Self}`",
    label = "not a map from ids to rows",
    note = "return `HashMap<Id, Row>`, `BTreeMap<Id, Row>`, or a `Result` of one of them, where `Id` is the type of the ids in the slice",
    note = "for ids of your own type: `#[derive(Clone, PartialEq, Eq, Hash, larder::KeyPart)]` (and `PartialOrd, Ord` in a `BTreeMap`)"
)]
pub trait Batch: Sized {
    type Map: Rows;
    /// What the function would return for one id.
    type One;

    /// The rows, or else the failure of each id.
    fn rows(self) -> Result<Self::Map, Self::One>;

    fn of(rows: Self::Map) -> Self;

    fn one(row: Option<<Self::Map as Rows>::Row>) -> Self::One;

    /// The row of one id's outcome, or else the failure of all.
    fn row(one: Self::One) -> Result<Option<<Self::Map as Rows>::Row>, Self>;
}

/// A batch whose rows are found by ids of this type. It can be had in two ways of which nobody can go the second, for the
/// reason that `checked.rs` gives.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a batch of `{Id}` can't return `{Self}`",
    label = "not a map from `{Id}` to rows, or `{Id}` is not `Clone + Eq + Hash`",
    note = "return `HashMap<{Id}, Row>`, `BTreeMap<{Id}, Row>`, or a `Result` of one of them",
    note = "if `{Id}` is your own type: `#[derive(Clone, PartialEq, Eq, Hash, larder::KeyPart)]` (and `PartialOrd, Ord` in a `BTreeMap`)"
)]
pub trait BatchOf<Id, Way> {
    type Tag;

    fn tag() -> Self::Tag;
}

#[diagnostic::do_not_recommend]
impl<Id, B: Batch<Map: Rows<Id = Id>>> BatchOf<Id, ByValue> for B {
    type Tag = Tag<B::One>;

    fn tag() -> Tag<B::One> {
        Tag::new()
    }
}

#[diagnostic::do_not_recommend]
impl<Id, B: Nobody + Batch> BatchOf<Id, ByNobody> for B {
    type Tag = Tag<B::One>;

    fn tag() -> Tag<B::One> {
        Tag::new()
    }
}

/// The start of the walk to the kind of what a batch would return for one id (`kind.rs`). Both types come in one argument,
/// so that both are known when the bound is looked at.
#[doc(hidden)]
#[must_use]
pub fn tag_of_one<B, Id, Way>(_types: Tag<(B, Id)>) -> <B as BatchOf<Id, Way>>::Tag
where
    B: BatchOf<Id, Way>,
{
    B::tag()
}

/// What a batch of one id has given.
#[doc(hidden)]
#[derive(Debug)]
pub struct Only<'a, B, Id>(pub B, pub &'a Id);

impl<B: Batch<Map: Rows<Id = Id>>, Id> Only<'_, B, Id> {
    pub fn row(self) -> B::One {
        match self.0.rows() {
            Ok(mut rows) => B::one(rows.take(self.1)),
            Err(failure) => failure,
        }
    }
}

/// What is no batch of such ids has been said to be none; here it is no error once more.
#[doc(hidden)]
pub trait AnyOnly: Sized {
    fn row<One>(self) -> One {
        // What would call this does not compile.
        loop {
            thread::park();
        }
    }
}

impl<B, Id> AnyOnly for Only<'_, B, Id> {}

/// One id of a batch, for a call of its body.
#[doc(hidden)]
#[derive(Debug)]
pub struct OneId<'a, Id>(pub &'a Id);

impl<Id: Clone> OneId<'_, Id> {
    #[must_use]
    pub fn again(&self) -> Id {
        self.0.clone()
    }
}

/// That ids are `Clone` is said of the returned map; here it is no error once more.
#[doc(hidden)]
pub trait AnyId<Id> {
    fn again(&self) -> Id {
        // What would call this does not compile.
        loop {
            thread::park();
        }
    }
}

impl<Id> AnyId<Id> for OneId<'_, Id> {}

/// A map by itself can't fail.
macro_rules! infallible {
    ([$($generics:tt)*] $map:ty) => {
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Batch for $map {
            type Map = Self;
            type One = Option<Row>;

            fn rows(self) -> Result<Self, Option<Row>> {
                Ok(self)
            }

            fn of(rows: Self) -> Self {
                rows
            }

            fn one(row: Option<Row>) -> Option<Row> {
                row
            }

            fn row(one: Option<Row>) -> Result<Option<Row>, Self> {
                Ok(one)
            }
        }
    };
}

infallible!([Id: Clone + Eq + Hash, Row, S: BuildHasher + Default] HashMap<Id, Row, S>);
infallible!([Id: Clone + Ord, Row] BTreeMap<Id, Row>);

#[diagnostic::do_not_recommend]
impl<M: Rows, E> Batch for Result<M, E> {
    type Map = M;
    type One = Result<Option<M::Row>, E>;

    fn rows(self) -> Result<M, Self::One> {
        self.map_err(Err)
    }

    fn of(rows: M) -> Self {
        Ok(rows)
    }

    fn one(row: Option<M::Row>) -> Self::One {
        Ok(row)
    }

    fn row(one: Self::One) -> Result<Option<M::Row>, Self> {
        one.map_err(Err)
    }
}
