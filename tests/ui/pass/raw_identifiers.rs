//! Keywords as names.
#![forbid(unsafe_code)]
#![deny(warnings)]

use larder::cached;

struct Item {
    r#type: u64,
}

#[cached(timeout = 60, key = "match:<type>:<item.type>:<fn>", ignore(r#mod))]
fn r#match(r#type: u64, item: &Item, r#fn: &str, r#mod: u8) -> u64 {
    r#type + item.r#type + r#fn.len() as u64 + u64::from(r#mod)
}

#[cached(unless = r#loop, ignore(r#loop))]
async fn r#move(r#loop: bool, r#in: u64) -> u64 {
    r#in
}

impl Item {
    #[cached(key = "impl:<self.type>:<where>", entry = r#dyn)]
    fn r#impl(&self, r#where: u64) -> u64 {
        r#where
    }
}

fn main() {
    let item = Item { r#type: 1 };
    assert_eq!(r#match(1, &item, "a", 1), 4);
    assert_eq!(r#match::entry(1, &item, "a").get(), Some(4));
    assert_eq!(item.r#impl(3), 3);
    assert_eq!(item.r#dyn(3).get(), Some(3));
    drop((r#move(false, 3), r#move::refresh(false, 3), r#move::entry(3)));
}
