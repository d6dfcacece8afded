//! Turns data into pages: the templates, what they may call, and the frame that every page shares.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Html;
use minijinja::value::Serde;
use minijinja::{Environment, Error, Value};
use serde::Serialize;

use crate::money;

const TEMPLATES: [(&str, &str); 11] = [
    ("frame.html", include_str!("templates/frame.html")),
    ("parts.html", include_str!("templates/parts.html")),
    ("home.html", include_str!("templates/home.html")),
    ("shelf.html", include_str!("templates/shelf.html")),
    ("search.html", include_str!("templates/search.html")),
    ("product.html", include_str!("templates/product.html")),
    ("aside.html", include_str!("templates/aside.html")),
    ("price.html", include_str!("templates/price.html")),
    ("stats.html", include_str!("templates/stats.html")),
    ("measure.html", include_str!("templates/measure.html")),
    ("trouble.html", include_str!("templates/trouble.html")),
];

/// The templates, ready to render; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct View(Arc<Environment<'static>>);

impl View {
    /// Reads the templates, which are part of the program. Names that end in `.html` are escaped.
    pub(crate) fn new() -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::SemiStrict);
        // `{% call cached(60, "name", ..) %}`: the parts of pages that are kept, in the cache of the process.
        larder::fragment::minijinja::add_to(&mut environment);
        environment.add_filter("pounds", money::pounds);
        environment.add_filter("thousands", money::thousands);
        for (name, source) in TEMPLATES {
            environment.add_template(name, source)?;
        }
        Ok(Self(Arc::new(environment)))
    }

    /// Renders `template`, with `page` as its data.
    pub(crate) fn render(&self, template: &str, page: Value) -> Result<Html<String>, Error> {
        Ok(Html(self.0.get_template(template)?.render(page)?))
    }
}

/// Makes any of the shop's data readable by templates.
pub(crate) fn data(value: impl Serialize) -> Value {
    Value::from(Serde(value))
}

/// In the unit that a person would choose: `1.20 s`, `43.2 ms`, `210 µs`, `95 ns`.
pub(crate) fn readable(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        1.0.. => format!("{seconds:.2} s"),
        0.01.. => format!("{:.1} ms", seconds * 1e3),
        0.001.. => format!("{:.2} ms", seconds * 1e3),
        0.000_001.. => format!("{:.1} µs", seconds * 1e6),
        _ => format!("{} ns", time.as_nanos()),
    }
}
