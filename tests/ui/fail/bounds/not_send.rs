use larder::cached;

use std::rc::Rc;

#[cached]
fn user(id: u64) -> Rc<u64> {
    Rc::new(id)
}

fn main() {
    user(3);
}
