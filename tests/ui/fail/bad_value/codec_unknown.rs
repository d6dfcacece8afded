//! `codec` names a form that larder does not have.

use larder::cached;

#[cached(codec = bincode, key = "user:<id>")]
fn user(id: u64) -> String {
    id.to_string()
}

fn main() {}
