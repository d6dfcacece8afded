use larder::cached;

use std::rc::Rc;

#[cached(stale_while_revalidate = "1m", ignore(list))]
fn load(list: Rc<Vec<u64>>, id: u64) -> u64 {
    list.len() as u64 + id
}

fn main() {
    let _ = load(Rc::default(), 4);
}
