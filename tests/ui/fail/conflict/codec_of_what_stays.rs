//! A value that never leaves the process is never bytes.

use larder::cached;

#[cached(local, codec = json, key = "user:<id>")]
fn user(id: u64) -> String {
    id.to_string()
}

fn main() {}
