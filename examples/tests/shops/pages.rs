//! The pages as people use them: on a phone, with a keyboard, by ear; and their pictures.

use std::env;
use std::fs;
use std::path::PathBuf;

use larder_kit::Browser;
use larder_kit::browser::Page;

use crate::shop::{Checked, Data, Storefront};

/// The width of a small phone.
const NARROW: u32 = 360;

const PAGES: [(&str, &str); 8] = [
    ("front", "/"),
    ("shelf", "/shelf/tea?period=year"),
    ("search", "/search?q=smoked+paprika"),
    ("product", "/product/1"),
    ("price", "/product/1/price"),
    ("measure", "/measure"),
    ("stats", "/stats"),
    ("nowhere", "/nowhere"),
];

/// Where the pictures of a run are.
fn pictures() -> Checked<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("storefront");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Writes a picture that the README shows, of this height from an element downwards, if `PICTURES=overwrite` wants it anew.
fn show(page: &Page<'_>, name: &str, from: &str, height: u32) {
    if env::var("PICTURES").is_ok_and(|wish| wish == "overwrite") {
        page.resize(1_280, height);
        drop(page.eval(&format!("document.querySelector('{from}').scrollIntoView(); scrollBy(0, -16)")));
        page.picture(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("{name}.png")));
    }
}

/// Pictures of a page at both widths. A narrow page must not be wider than its window.
fn look_at(page: &Page<'_>, name: &str) -> Checked {
    page.resize(NARROW, 780);
    let widths = page.eval("[document.documentElement.scrollWidth, window.innerWidth]");
    assert_eq!(widths, serde_json::json!([NARROW, NARROW]), "{name} scrolls sideways");
    page.long_picture(&pictures()?.join(format!("{name}-phone.png")));
    page.resize(1_280, 800);
    page.long_picture(&pictures()?.join(format!("{name}.png")));
    Ok(())
}

/// Whoever hears the page can find its parts, and everything that can be used has a name.
fn listen_to(page: &Page<'_>, name: &str) {
    let told = page.told();
    let count = |role: &str| told.iter().filter(|(its, _)| its == role).count();
    for landmark in ["banner", "main", "contentinfo", "search"] {
        assert_eq!(count(landmark), 1, "{name} has {landmark} once: {told:?}");
    }
    for (role, text) in &told {
        let used = ["link", "button", "textbox", "searchbox", "image", "table", "region", "navigation", "meter"];
        assert!(!used.contains(&role.as_str()) || !text.is_empty(), "a {role} of {name} has no name: {told:?}");
    }
}

#[test]
fn every_page_can_be_used_on_a_phone_and_by_ear() -> Checked {
    let Some(browser) = Browser::start_or_skip() else { return Ok(()) };
    let data = Data::new()?;
    let shop = Storefront::open(&data, "memory://")?;
    let page = browser.visitor();
    for product in [7, 2_001, 20_003] {
        page.goto(&shop.url(&format!("/product/{product}")));
    }
    for (name, uri) in PAGES {
        page.goto(&shop.url(uri));
        listen_to(&page, name);
        look_at(&page, name)?;
        if name == "front" {
            show(&page, "storefront", "body", 830);
        }
    }
    // The console tells of the one address that is not there, as it should.
    let complaints = page.complaints();
    assert!(complaints.iter().all(|complaint| complaint.contains("/nowhere")), "{complaints:?}");
    Ok(())
}

#[test]
fn a_price_is_changed_with_the_keyboard_alone() -> Checked {
    let Some(browser) = Browser::start_or_skip() else { return Ok(()) };
    let data = Data::new()?;
    let shop = Storefront::open(&data, "memory://")?;
    let page = browser.visitor();
    page.goto(&shop.url("/product/1"));
    page.press("Tab");
    assert_eq!(page.focused(), "a Skip to the content");
    page.press("Enter");
    // From here on the menu is behind; the shelf's name comes first, then the price.
    page.press("Tab");
    page.press("Tab");
    assert_eq!(page.focused(), "a Change the price");
    page.load(|| page.press("Enter"));
    page.wait_for_focus("input#price");
    page.type_over("twelve");
    page.load(|| page.press("Enter"));
    assert!(page.text("[role=alert]").starts_with("That is not a price"));
    page.wait_for_focus("input#price");
    page.type_over("12.50");
    page.press("Tab");
    assert_eq!(page.focused(), "button Save");
    page.load(|| page.press("Enter"));
    assert_eq!(page.text(".price strong"), "£12.50");
    Ok(())
}

#[test]
fn a_measurement_is_drawn() -> Checked {
    let Some(browser) = Browser::start_or_skip() else { return Ok(()) };
    let data = Data::new()?;
    let shop = Storefront::open(&data, "memory://")?;
    let page = browser.visitor();
    page.goto(&shop.url("/measure"));
    page.load(|| page.click("main button"));
    let drawn = page.eval(
        "[...document.querySelectorAll('svg path')].map(path => {
             const box = path.getBoundingClientRect(), style = getComputedStyle(path);
             return box.width > 200 && box.height > 30 && style.fill != 'none' && style.visibility == 'visible';
         })",
    );
    assert_eq!(drawn, serde_json::json!(vec![true; 8]), "two distributions of each of four pages");
    listen_to(&page, "measured");
    look_at(&page, "measured")?;
    show(&page, "measured", "[aria-labelledby=pictures]", 600);
    assert_eq!(page.complaints(), Vec::<String>::new());
    Ok(())
}
