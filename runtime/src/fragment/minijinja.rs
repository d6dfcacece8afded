//! Fragments in templates of minijinja: `{% call cached(60, "side", user.id) %}..{% endcall %}`.
//!
//! ```
//! use std::time::Duration;
//!
//! use larder::fragment::Fragment;
//! use minijinja::{Environment, context};
//!
//! let mut environment = Environment::new();
//! larder::fragment::minijinja::add_to(&mut environment);
//! environment.add_template(
//!     "page.html",
//!     r#"{% call cached(60, "side", user) %}<aside>{{ user }}</aside>{% endcall %}"#,
//! )?;
//!
//! let page = environment.get_template("page.html")?;
//! assert_eq!(page.render(context! { user => "Ann" })?, "<aside>Ann</aside>"); // rendered
//! assert_eq!(page.render(context! { user => "Ann" })?, "<aside>Ann</aside>"); // from the cache
//! larder::cache().blocking().delete(Fragment::new("side").with("Ann").key())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The arguments are how long the fragment is fresh, in seconds; its name; and all that the body depends on: text, integers, `bool`s, `none`.
//! Anything else is an error that names it. `tags=["nav"]` are tags, their text as it is.
//!
//! The body is rendered on a miss alone, by one of those who render the same at the same time, and nothing is kept of it if it fails. What the
//! body sets (`{% set %}`) is not seen behind it, on a miss either. It is escaped as the place is where it stands, and given to no place that is escaped in another way.

use std::time::Duration;

use ::minijinja::value::{Kwargs, Rest, ValueKind, ValueOrKwargs};
use ::minijinja::{AutoEscape, Environment, Error, ErrorKind, State, Value};

use crate::cache::Cache;
use crate::fragment::{Fragment, Part, Vary};

/// Adds the function `cached` to an environment; fragments are kept in the process's [default cache](crate::cache).
pub fn add_to(environment: &mut Environment<'_>) {
    environment.add_function("cached", |state: &mut State<'_, '_>, arguments: Rest<ValueOrKwargs>| {
        cached(&crate::default::current(), state, arguments)
    });
}

/// The same with a cache of one's own.
pub fn add_with(environment: &mut Environment<'_>, cache: &Cache) {
    let cache = cache.clone();
    environment.add_function("cached", move |state: &mut State<'_, '_>, arguments: Rest<ValueOrKwargs>| {
        cached(&cache, state, arguments)
    });
}

fn cached(cache: &Cache, state: &mut State<'_, '_>, arguments: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let mut arguments = arguments.into_values();
    let options = match arguments.pop() {
        Some(last) => Kwargs::try_from(last.clone()).map_err(|_| without_body())?,
        None => return Err(without_body()),
    };
    let body: Value = options.get("caller").map_err(|_| without_body())?;
    let mut arguments = arguments.into_iter();
    let (Some(timeout), Some(name)) = (arguments.next(), arguments.next()) else {
        return Err(refused("it needs a timeout and a name: `{% call cached(60, \"side\") %}`"));
    };
    let timeout = timeout_of(&timeout)?;
    let name = text(&name).ok_or_else(|| refused(format!("the name of a fragment is a string, and not {name:?}")))?;
    let mut fragment = Fragment::new(name).escaped_as(&format_of(state.auto_escape()));
    for (place, value) in (3..).zip(arguments) {
        fragment = fragment.with(part(place, &value)?);
    }
    if options.has("tags") {
        for tag in tags(&options.get("tags")?)? {
            fragment = fragment.tagged([tag]);
        }
    }
    options.assert_all_used()?;
    let safe = !matches!(state.auto_escape(), AutoEscape::None);
    let text = fragment.render(cache, timeout, || Ok::<_, Error>(body.call(state, &[])?.to_string()))?;
    // What was escaped is not to be escaped again; what was not is as any text, should something be done with it.
    Ok(if safe { Value::from_safe_string(text) } else { Value::from(text) })
}

fn refused(what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("`cached`: {what}"))
}

fn without_body() -> Error {
    refused("it caches what stands in a block: write `{% call cached(60, \"side\") %}..{% endcall %}`")
}

/// Numbers are seconds.
fn timeout_of(value: &Value) -> Result<Duration, Error> {
    let seconds = match value.kind() {
        ValueKind::Number => f64::try_from(value.clone()).ok(),
        _ => None,
    };
    let timeout = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    timeout
        .filter(|timeout| !timeout.is_zero())
        .ok_or_else(|| refused(format!("the timeout is a number of seconds above 0, and not {value:?}")))
}

/// Bytes are no text.
fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|_| value.kind() == ValueKind::String)
}

/// What stands at this place, counted from 1.
fn part(place: usize, value: &Value) -> Result<Part, Error> {
    let part = match value.kind() {
        ValueKind::String => text(value).map(Vary::part),
        ValueKind::Bool => Some(value.is_true().part()),
        ValueKind::None => Some(None::<bool>.part()),
        ValueKind::Number if value.is_integer() => i128::try_from(value.clone())
            .map(|n| n.part())
            .or_else(|_| u128::try_from(value.clone()).map(|n| n.part()))
            .ok(),
        _ => None,
    };
    part.ok_or_else(|| {
        let kind = if value.kind() == ValueKind::Number { "float".to_owned() } else { value.kind().to_string() };
        refused(format!(
            "a fragment can't vary by argument {place}, {value:?} of kind {kind}: by text, integers, `bool`s and `none` alone"
        ))
    })
}

fn tags(value: &Value) -> Result<Vec<String>, Error> {
    let wrong = || refused(format!("tags are a list of strings: `tags=[\"nav\"]`, and not {value:?}"));
    if value.kind() != ValueKind::Seq {
        return Err(wrong());
    }
    value.try_iter()?.map(|tag| text(&tag).map(str::to_owned).ok_or_else(wrong)).collect()
}

/// What tells text that was escaped in one way from other text.
fn format_of(escape: &AutoEscape) -> String {
    match escape {
        AutoEscape::None => "none".to_owned(),
        AutoEscape::Html => "html".to_owned(),
        other => format!("{other:?}"),
    }
}
