//! Types whose values can become bytes, for those who use the cache by hand and only have a type: common ones, those of the
//! annotated functions, and those named to the builder.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use super::wire::{Wire, WireOf};
use crate::cache::Cache;
use crate::site::{Site, sites};

static WIRES: LazyLock<RwLock<HashMap<TypeId, &'static Wire>>> = LazyLock::new(|| {
    let of_functions = sites().filter_map(|site| site.known_wire().and_then(|wire| wire()));
    RwLock::new(common().into_iter().chain(of_functions).map(|wire| (wire.type_id(), wire)).collect())
});

macro_rules! wires {
    ($($type:ty),* $(,)?) => { vec![$(WireOf::<$type>::WIRE),*] };
}

fn common() -> Vec<&'static Wire> {
    wires![
        (), bool, char, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64, String, Box<str>, Vec<u8>,
        Vec<String>, Vec<i64>, Vec<u64>, Vec<u32>, Vec<i32>, Vec<f64>, Box<[u8]>, std::time::Duration,
        HashMap<String, String>,
    ]
}

pub(super) fn register(wire: &'static Wire) {
    WIRES.write().unwrap_or_else(PoisonError::into_inner).insert(wire.type_id(), wire);
}

impl Cache {
    /// How the value of a function becomes bytes, if this cache needs that. If it can't, it is said once, and memory keeps it.
    pub(crate) fn wire_for(&self, site: &'static Site, wire: Option<&'static Wire>) -> Option<&'static Wire> {
        let tier = self.tier().filter(|_| !site.is_local())?;
        let problem = match wire.map(Wire::fingerprint) {
            Some(Ok(_)) => return wire,
            Some(Err(error)) => error.to_string(),
            None => "it is not `serde::Serialize` and `serde::Deserialize`".to_owned(),
        };
        tier.stays(site.number(), &site.display_path(), &problem);
        None
    }

    /// How values of the type become bytes, if that is known and this cache needs it.
    pub(crate) fn wire_of<T: 'static>(&self) -> Option<&'static Wire> {
        self.tier()?;
        WIRES.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()).copied()
    }
}
