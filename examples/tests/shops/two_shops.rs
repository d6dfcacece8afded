//! Two storefronts over one file and one Redis: what is changed in one is seen in the other.

use larder_kit::{Server, until};

use crate::shop::{Checked, Data, Storefront};

#[test]
fn a_price_that_one_shop_changes_is_on_the_pages_of_the_other() -> Checked {
    let data = Data::new()?;
    let redis = Server::plain();
    let cache = format!("tiered+{}", redis.url());
    let one = Storefront::open(&data, &cache)?;
    let other = Storefront::open(&data, &cache)?;
    let pages = ["/product/1", "/search?q=assam"];
    for uri in pages {
        // Both have the old price in memory.
        for shop in [&one, &other] {
            let page = shop.ask("GET", uri, "")?;
            assert!(page.starts_with("HTTP/1.1 200") && !page.contains("£4,321.05"), "{uri}: {page}");
        }
    }
    let saved = one.ask("POST", "/product/1/price", "price=4321.05")?;
    assert!(saved.starts_with("HTTP/1.1 303"), "{saved}");
    for uri in pages {
        let page = one.ask("GET", uri, "")?;
        assert!(page.contains("£4,321.05"), "{uri}: {page}");
        until(format_args!("the new price on {uri} of the other shop"), || {
            other.ask("GET", uri, "").is_ok_and(|page| page.contains("£4,321.05"))
        });
    }
    Ok(())
}
