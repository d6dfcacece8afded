//! Two people in two browsers: a price that one of them changes is what the other sees.

use larder_kit::browser::Page;
use larder_kit::{Browser, Server, until};

use crate::shop::{Checked, Data, Storefront};

const TEA: &str = "/shelf/tea?period=year";

/// Where the shelf has its first product, and what it costs there.
const FIRST: &str = "tbody tr:first-child th a";
const PRICE: &str = "tbody tr:first-child td:nth-child(3)";

/// Changes the price of the first product of the shelf, as a person does: by links, keys and a form.
fn change_price(page: &Page<'_>, shop: &Storefront, price: &str) {
    page.goto(&shop.url(TEA));
    page.load(|| page.click(FIRST));
    page.load(|| page.click(".price a"));
    page.wait_for_focus("input#price");
    page.type_over(price);
    page.load(|| page.press("Enter"));
    assert_eq!(page.text("[role=status]"), "The new price is saved, and every page shows it from now on.");
    assert_eq!(page.text(".price strong"), format!("£{price}"));
}

#[test]
fn a_price_changed_in_one_browser_is_seen_in_another_at_once() -> Checked {
    let Some(browser) = Browser::start_or_skip() else { return Ok(()) };
    let data = Data::new()?;
    let shop = Storefront::open(&data, "memory://")?;
    let (one, other, third) = (browser.visitor(), browser.visitor(), browser.visitor());
    // Both pages are kept: the whole one of the shelf, and that of the product with its part beside it.
    other.goto(&shop.url(TEA));
    let product = other.eval(&format!("document.querySelector('{FIRST}').pathname"));
    let product = shop.url(product.as_str().ok_or("a product has a page")?);
    third.goto(&product);
    change_price(&one, &shop, "43.21");
    other.reload();
    assert_eq!(other.text(PRICE), "£43.21");
    third.reload();
    assert_eq!(third.text(".price strong"), "£43.21");
    assert!(third.text("aside").contains("£43.21"), "{}", third.text("aside"));
    for page in [one, other, third] {
        assert_eq!(page.complaints(), Vec::<String>::new());
    }
    Ok(())
}

#[test]
fn a_price_changed_in_one_shop_is_seen_in_a_browser_at_another() -> Checked {
    let Some(browser) = Browser::start_or_skip() else { return Ok(()) };
    let data = Data::new()?;
    let redis = Server::plain();
    let cache = format!("tiered+{}", redis.url());
    let (here, there) = (Storefront::open(&data, &cache)?, Storefront::open(&data, &cache)?);
    let (one, other, third) = (browser.visitor(), browser.visitor(), browser.visitor());
    other.goto(&there.url(TEA));
    let product = other.eval(&format!("document.querySelector('{FIRST}').pathname"));
    let product = there.url(product.as_str().ok_or("a product has a page")?);
    third.goto(&product);
    change_price(&one, &here, "43.21");
    // What is told by way of Redis takes a moment, and no longer.
    let reloaded = |page: &Page<'_>, selector: &str| {
        page.reload();
        page.text(selector).contains("£43.21")
    };
    until("the new price on the shelf of the other shop", || reloaded(&other, PRICE));
    until("the new price of the product in the other shop", || reloaded(&third, ".price strong"));
    until("the new price beside the product in the other shop", || reloaded(&third, "aside"));
    // Both shops know what a visitor looked at: the number in the cookie is for the host, whatever the port.
    third.goto(&here.url("/product/7"));
    assert!(third.text("[aria-labelledby=before]").contains("£43.21"), "{}", third.text("main"));
    for page in [one, other, third] {
        assert_eq!(page.complaints(), Vec::<String>::new());
    }
    Ok(())
}

#[test]
fn a_page_that_a_browser_has_is_not_sent_again() -> Checked {
    let Some(browser) = Browser::start_or_skip() else { return Ok(()) };
    let data = Data::new()?;
    let shop = Storefront::open(&data, "memory://")?;
    let (one, other) = (browser.visitor(), browser.visitor());
    let shelf = shop.url(TEA);
    other.goto(&shelf);
    let had = other.text("main");
    other.reload();
    let statuses = [other.answer(&shelf, 1).status, other.answer(&shelf, 2).status];
    assert_eq!((statuses, other.text("main")), ([200, 304], had));
    change_price(&one, &shop, "43.21");
    // A link is as good as the button: the browser asks each time.
    other.load(|| other.click("[aria-label=Period] [aria-current]"));
    assert_eq!((other.answer(&shelf, 3).status, other.text(PRICE)), (200, "£43.21".to_owned()));
    Ok(())
}
