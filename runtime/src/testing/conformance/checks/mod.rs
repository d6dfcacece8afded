//! The checks, each a function that ends early where it finds something that the contract does not allow.

pub(super) mod bytes;
pub(super) mod counting;
pub(super) mod filling;
pub(super) mod generating;
pub(super) mod holding;
pub(super) mod leasing;
pub(super) mod racing;
pub(super) mod reading;
pub(super) mod removing;
pub(super) mod telling;
pub(super) mod writing;
