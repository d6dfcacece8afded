//! Methods of generic types, with lifetimes and constants.
#![forbid(unsafe_code)]
#![deny(warnings)]

use std::marker::PhantomData;

use larder::cached;

struct Store<'a, T, const N: usize> {
    name: &'a str,
    of: PhantomData<T>,
}

impl<'a, T: Clone + Send + Sync + 'static + From<u64>, const N: usize> Store<'a, T, N> {
    #[cached(key = "store:<Self>:<self.name>:<id>")]
    fn get(&self, id: u64) -> T {
        T::from(id + N as u64)
    }

    #[cached(key = "list:<self.name>:<id>", entry = list_entry)]
    async fn list<U: Into<u64> + larder::KeyPart + Send>(&self, id: U) -> Vec<T> {
        vec![T::from(id.into())]
    }

    #[cached(entry = make_entry)]
    fn make(id: u64) -> Option<T> {
        Some(T::from(id))
    }
}

#[cached]
fn convert<'a, T, const N: usize>(name: &'a str, id: T) -> [T; N]
where
    T: larder::KeyPart + Copy + Send + Sync + 'static,
{
    let _ = name;
    [id; N]
}

#[cached(ignore(name))]
fn opaque(name: impl AsRef<str>, id: impl Into<u64> + larder::KeyPart) -> u64 {
    id.into() + name.as_ref().len() as u64
}

fn main() {
    let store = Store::<u64, 2> { name: "a", of: PhantomData };
    assert_eq!(store.get(3), 5);
    drop((store.list(3_u64), store.list_entry(3_u64)));
    assert_eq!(Store::<u64, 2>::make(3), Some(3));
    assert_eq!(Store::<u64, 2>::make_entry(3).get(), Some(3));
    assert_eq!(convert::<u64, 2>("a", 3), [3, 3]);
    assert_eq!(convert::entry::<u64, 2>("a", 3).get(), Some([3, 3]));
    assert_eq!((opaque("a", 3_u32), opaque::entry(3_u32).get()), (4, Some(4)));
}
