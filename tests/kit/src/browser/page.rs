//! One page of a browser, as its visitor uses it, and what can be seen of it.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::Browser;
use crate::patience::until;

/// A page of one visitor. Where a method takes a selector, it means the first element that fits.
#[derive(Debug)]
pub struct Page<'b> {
    browser: &'b Browser,
    session: String,
}

/// What came back for a request of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The address.
    pub url: String,
    /// As it came over the network: a 304 is one here, though the page gets the whole answer from the browser's cache.
    pub status: u64,
}

impl<'b> Page<'b> {
    pub(super) fn open(browser: &'b Browser, session: &str) -> Self {
        let page = Self { browser, session: session.to_owned() };
        for domain in ["Page", "Runtime", "Log", "Network", "Accessibility"] {
            page.call(&format!("{domain}.enable"), &json!({}));
        }
        page.resize(1280, 800);
        page
    }

    /// Goes to an address, and returns when its page is there.
    ///
    /// # Panics
    ///
    /// If there is no answer.
    pub fn goto(&self, url: &str) {
        self.load(|| {
            let answer = self.call("Page.navigate", &json!({ "url": url }));
            assert!(answer["errorText"].is_null(), "{url}: {}", answer["errorText"]);
        });
    }

    /// Loads the page again, as the button of the browser does.
    pub fn reload(&self) {
        self.load(|| {
            self.call("Page.reload", &json!({}));
        });
    }

    /// Does something that loads another page, and returns when that is there.
    pub fn load(&self, act: impl FnOnce()) {
        let mark = self.browser.with(|wire| wire.mark());
        act();
        self.browser.with(|wire| wire.wait(&self.session, mark, "Page.loadEventFired"));
    }

    /// The value of an expression in the page's own script.
    ///
    /// # Panics
    ///
    /// If the expression throws.
    #[must_use]
    pub fn eval(&self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", &parameters);
        let thrown = &answer["exceptionDetails"];
        assert!(thrown.is_null(), "{expression}: {}", thrown["exception"]["description"]);
        answer["result"]["value"].clone()
    }

    /// The text of an element as it is shown; empty if there is none.
    #[must_use]
    pub fn text(&self, selector: &str) -> String {
        let text = self.eval(&format!("document.querySelector({})?.innerText ?? ''", json!(selector)));
        text.as_str().unwrap_or_default().to_owned()
    }

    /// How the element with the focus is called by its tag, its id and its text: `input#q`, `a Tea`.
    #[must_use]
    pub fn focused(&self) -> String {
        let describe =
            "(e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : ' ' + e.innerText.trim()))(document.activeElement)";
        self.eval(describe).as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the element that is called so has the focus: `autofocus` acts when the page is drawn, after it is there.
    pub fn wait_for_focus(&self, element: &str) {
        until(format_args!("the focus on {element}"), || self.focused() == element);
    }

    /// Presses and releases a key: `Tab`, `Enter`.
    pub fn press(&self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "Backspace" => (8, ""),
            _ => (0, key),
        };
        let mut stroke = json!({ "type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": code });
        if !text.is_empty() {
            stroke["text"] = json!(text);
        }
        self.call("Input.dispatchKeyEvent", &stroke);
        stroke["type"] = json!("keyUp");
        self.call("Input.dispatchKeyEvent", &stroke);
    }

    /// Types a text over what the element with the focus has.
    pub fn type_over(&self, text: &str) {
        drop(self.eval("document.activeElement.select()"));
        self.call("Input.insertText", &json!({ "text": text }));
    }

    /// Clicks into the middle of an element, wherever on the page it is.
    ///
    /// # Panics
    ///
    /// If there is no such element.
    pub fn click(&self, selector: &str) {
        let find = format!(
            "(e => {{ if (!e) return null; e.scrollIntoView({{ block: 'center' }}); const r = e.getBoundingClientRect();
              return [r.x + r.width / 2, r.y + r.height / 2]; }})(document.querySelector({}))",
            json!(selector)
        );
        let place = self.eval(&find);
        assert!(place.is_array(), "there is no {selector} to click at");
        let mut event =
            json!({ "type": "mousePressed", "button": "left", "clickCount": 1, "x": place[0], "y": place[1] });
        self.call("Input.dispatchMouseEvent", &event);
        event["type"] = json!("mouseReleased");
        self.call("Input.dispatchMouseEvent", &event);
    }

    /// The window gets this size. A narrow one is that of a phone.
    pub fn resize(&self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.call("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// Writes a picture of the window, as PNG.
    ///
    /// # Panics
    ///
    /// If the file cannot be written.
    pub fn picture(&self, file: &Path) {
        self.picture_of(file, &json!({ "format": "png" }));
    }

    /// Writes a picture of the whole page, however long it is.
    ///
    /// # Panics
    ///
    /// If the file cannot be written.
    pub fn long_picture(&self, file: &Path) {
        self.picture_of(file, &json!({ "format": "png", "captureBeyondViewport": true }));
    }

    fn picture_of(&self, file: &Path, parameters: &Value) {
        let picture = self.call("Page.captureScreenshot", parameters);
        let picture =
            BASE64_STANDARD.decode(picture["data"].as_str().unwrap_or_default()).expect("a picture is base64");
        fs::write(file, picture).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    /// Role and name of everything that a screen reader tells of, in the order of the page.
    #[must_use]
    pub fn told(&self) -> Vec<(String, String)> {
        let tree = self.call("Accessibility.getFullAXTree", &json!({}));
        let nodes = tree["nodes"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value["value"].as_str().unwrap_or_default().to_owned();
        let told = nodes.iter().filter(|node| node["ignored"] != true);
        told.map(|node| (text(&node["role"]), text(&node["name"]))).collect()
    }

    /// What came back for all requests so far, in the order in which they ended.
    #[must_use]
    pub fn answers(&self) -> Vec<Answer> {
        self.browser.with(|wire| {
            let reports: Vec<&Value> = wire.reports_of(&self.session, 0).collect();
            let of = |method: &'static str| reports.iter().filter(move |report| report["method"] == method);
            let begun: Vec<_> = of("Network.requestWillBeSent").map(|report| &report["params"]).collect();
            let answer = |report: &&&Value| {
                let ended = &report["params"];
                let request = begun.iter().find(|request| request["requestId"] == ended["requestId"])?;
                Some(Answer {
                    url: request["request"]["url"].as_str()?.to_owned(),
                    status: ended["statusCode"].as_u64()?,
                })
            };
            of("Network.responseReceivedExtraInfo").filter_map(|report| answer(&report)).collect()
        })
    }

    /// Waits until this many requests for an address have been answered, and returns the last answer.
    #[must_use]
    pub fn answer(&self, url: &str, number: usize) -> Answer {
        let answers = || self.answers().into_iter().filter(|answer| answer.url == url).collect::<Vec<_>>();
        until(format_args!("answer {number} to {url}"), || {
            // Reports are read with answers to calls.
            drop(self.eval("0"));
            answers().len() >= number
        });
        answers().swap_remove(number - 1)
    }

    /// What the console of the browser complains about: errors and warnings, also of the network and about policies.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        drop(self.eval("0"));
        self.browser.with(|wire| {
            let reports = wire.reports_of(&self.session, 0);
            let complaint = |report: &Value| {
                let details = &report["params"];
                let serious = match report["method"].as_str()? {
                    "Runtime.exceptionThrown" => true,
                    "Runtime.consoleAPICalled" => details["type"] == "error" || details["type"] == "warning",
                    "Log.entryAdded" => details["entry"]["level"] == "error" || details["entry"]["level"] == "warning",
                    _ => false,
                };
                serious.then(|| details.to_string())
            };
            reports.filter_map(complaint).collect()
        })
    }

    fn call(&self, method: &str, parameters: &Value) -> Value {
        self.browser.call(Some(&self.session), method, parameters)
    }
}
