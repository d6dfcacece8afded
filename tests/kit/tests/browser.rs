//! A browser shows a page, is used, and leaves nothing behind.

use std::fs;

use larder_kit::Browser;
use larder_kit::processes::role;
use larder_kit::{Process, browser, processes};

const PAGE: &str =
    "data:text/html,<html lang=en><title>Jam</title><h1>Jam</h1><form><label for=q>Name</label><input id=q></form>";

#[test]
fn a_page_is_shown_and_used() {
    let Some(browser) = Browser::start_or_skip() else { return };
    let page = browser.visitor();
    page.goto(PAGE);
    assert_eq!(page.text("h1"), "Jam");
    page.press("Tab");
    assert_eq!(page.focused(), "input#q");
    page.type_over("plum");
    assert_eq!(page.eval("document.querySelector('#q').value"), "plum");
    let told = page.told();
    for what in [("heading", "Jam"), ("textbox", "Name")] {
        assert!(told.iter().any(|(role, name)| (role.as_str(), name.as_str()) == what), "{what:?}: {told:?}");
    }
    assert_eq!(page.complaints(), Vec::<String>::new());
    drop(page.eval("console.error('no more jam')"));
    assert!(page.complaints().iter().any(|complaint| complaint.contains("no more jam")));
    let picture = std::env::temp_dir().join(format!("larder-kit-{}.png", std::process::id()));
    page.picture(&picture);
    let bytes = fs::read(&picture).unwrap();
    fs::remove_file(picture).unwrap();
    assert!(bytes.starts_with(b"\x89PNG"), "{bytes:?}");
}

#[test]
fn visitors_share_nothing() {
    let Some(browser) = Browser::start_or_skip() else { return };
    let (one, other) = (browser.visitor(), browser.visitor());
    one.goto(PAGE);
    assert_eq!((one.text("h1"), other.text("h1")), ("Jam".to_owned(), String::new()));
}

#[test]
fn without_a_browser_it_is_said_and_ci_does_not_accept_it() {
    const TEST: &str = "without_a_browser_it_is_said_and_ci_does_not_accept_it";
    if role().is_some() {
        let skipped = std::panic::catch_unwind(|| Browser::start_or_skip().is_none());
        processes::report(format!("{skipped:?}").replace('\n', " | "));
        return;
    }
    let nowhere = (browser::VARIABLE, "/no/such/browser");
    let skipping = Process::spawn(TEST, "start", [nowhere, ("CI", "")]);
    assert_eq!(skipping.report(), "Ok(true)");
    assert!(
        skipping.errors().contains("SKIPPED: LARDER_BROWSER names no program: /no/such/browser"),
        "{}",
        skipping.errors()
    );
    drop(skipping.finish());
    let in_ci = Process::spawn(TEST, "start", [nowhere, ("CI", "true")]);
    assert!(in_ci.report().starts_with("Err("));
    drop(in_ci.finish());
}
