//! `codec` names its form in quotes.

use larder::cached;

#[cached(codec = "json", key = "user:<id>")]
fn user(id: u64) -> String {
    id.to_string()
}

fn main() {}
