//! Methods without a visibility that name their entry function: of any impl but one of a trait, and of traits themselves.

#![deny(warnings)]
#![allow(dead_code)]

use std::sync::Arc;

use larder::{KeyPart, cached};

struct Shelf<T, const N: usize> {
    of: [T; N],
}

impl<T: KeyPart + Clone + Send + Sync + 'static, const N: usize> Shelf<T, N> {
    #[cached(key = "private.first:<Self>:<id>", ignore(self), entry = first_entry)]
    fn first(&self, id: u64) -> Option<T> {
        self.of.first().cloned()
    }

    #[cached(key = "private.any:<Self>:<other>:<a>", ignore(self), entry = any_entry)]
    async fn any<U, const M: usize>(&self, other: U, (a, _): (u8, u8)) -> Arc<[U; M]>
    where
        U: KeyPart + Copy + Send + Sync + 'static,
    {
        Arc::new([other; M])
    }

    #[cached(key = "private.told:<ids>", ignore(self, _f), entry = told_entry)]
    fn told<U: ?Sized + Send + Sync>(&self, ids: impl KeyPart, _f: &U, _: u8) -> u64 {
        1
    }

    #[cached(key = "private.made:<Self>:<n>", entry = made_entry)]
    fn made<const M: usize>(n: u64) -> [u64; M] {
        [n; M]
    }
}

trait Source {
    fn of(&self, id: u64) -> u64;

    #[cached(key = "private.default:<Self>:<id>", ignore(self), entry = default_entry)]
    fn default(&self, id: u64) -> u64 {
        self.of(id)
    }
}

impl<T: KeyPart, const N: usize> Source for Shelf<T, N> {
    fn of(&self, id: u64) -> u64 {
        id + 1
    }
}

impl<S: Source + ?Sized> Source for Box<S> {
    fn of(&self, id: u64) -> u64 {
        (**self).of(id)
    }
}

fn main() {
    let shelf = Shelf { of: [7_u32, 8] };
    assert_eq!(shelf.first(1), Some(7));
    assert_eq!(shelf.first_entry(1).get(), Some(7));
    drop(shelf.any::<_, 3>(1_u8, (1, 2)));
    assert_eq!(shelf.told("a", "b", 1), 1);
    assert_eq!(Shelf::<u32, 2>::made::<4>(1), [1; 4]);
    assert_eq!(Shelf::<u32, 2>::made_entry::<4>(1).refresh(), [1; 4]);
    assert_eq!((shelf.default(1), shelf.default_entry(1).get()), (2, Some(2)));
    assert_eq!(Box::new(shelf).default(3), 4);
}
