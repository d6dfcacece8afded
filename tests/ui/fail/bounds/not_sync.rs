use larder::cached;

use std::cell::Cell;

#[cached]
fn user(id: u64) -> Cell<u64> {
    Cell::new(id)
}

fn main() {
    user(3);
}
