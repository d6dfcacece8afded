//! Every message of the crate: one function each. First what is wrong, in lower case and without a full stop; then, behind
//! `help:`, what to write instead.

use std::fmt::Display;

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{Error, ExprClosure, LitInt, LitStr};

use crate::attr::OPTIONS;
use crate::nearest;
use crate::scan;
use crate::template::Problem;

/// All errors of one attribute; they are reported together.
#[derive(Default)]
pub(crate) struct Errors(Vec<Error>);

impl Errors {
    pub(crate) fn push(&mut self, error: Error) {
        self.0.push(error);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Error> {
        self.0.iter()
    }
}

impl ToTokens for Errors {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.iter().map(Error::to_compile_error));
    }
}

fn error(at: impl ToTokens, what: impl Display, help: impl Display) -> Error {
    Error::new_spanned(at, format!("{what}\nhelp: {help}"))
}

fn error_at(at: Span, what: impl Display, help: impl Display) -> Error {
    Error::new(at, format!("{what}\nhelp: {help}"))
}

fn source(tokens: &impl ToTokens) -> String {
    scan::text(&tokens.to_token_stream())
}

fn list(names: impl IntoIterator<Item = impl Display>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

// ---------------------------------------------------------------- the attribute

/// Something to copy for each option.
fn example(option: &str) -> &'static str {
    match option {
        "timeout" => "timeout = 60",
        "key" => "key = \"user:<id>\"",
        "ignore" => "ignore(pool)",
        "version" => "version = 2",
        "revision" => "revision = user.updated_at",
        "cache" => "cache = self.cache",
        "unless" => "unless = preview",
        "refresh_if" => "refresh_if = force",
        "store_if" => "store_if = |value| value.is_complete()",
        "cache_none" => "cache_none = \"10s\"",
        "cache_err" => "cache_err = \"10s\"",
        "local" => "local",
        "coalesce" => "coalesce = false",
        "entry" => "entry = user_entry",
        _ => "crate = ::larder",
    }
}

pub(crate) fn not_an_option(at: &TokenStream) -> Error {
    error(at, "expected an option", "write `name = value`, for example `timeout = 60`")
}

pub(crate) fn missing_comma(at: &TokenStream) -> Error {
    error(at, "expected a comma between two options", format!("write `, {}`", source(at)))
}

pub(crate) fn not_yet(key: &Ident) -> Error {
    error(key, format!("`{key}` is not available in this version of larder"), "remove it")
}

pub(crate) fn unknown_option(key: &Ident) -> Error {
    let what = format!("unknown option `{key}`");
    match nearest::option(&key.to_string()) {
        Some(option) => error(key, what, format!("did you mean `{option}`?")),
        None => error(key, what, format!("the options are {}", list(OPTIONS))),
    }
}

pub(crate) fn duplicate_option(key: &Ident) -> Error {
    error(key, format!("`{key}` is given twice"), "remove one of them")
}

pub(crate) fn missing_value(key: &Ident) -> Error {
    error(key, format!("`{key}` needs a value"), format!("write `{}`", example(&key.to_string())))
}

pub(crate) fn value_in_parentheses(key: &Ident) -> Error {
    error(key, format!("the value of `{key}` follows a `=`"), format!("write `{}`", example(&key.to_string())))
}

pub(crate) fn flag_with_value(key: &Ident) -> Error {
    error(key, format!("`{key}` takes no value here"), format!("write `{key}` alone"))
}

pub(crate) fn not_an_expression(key: &Ident, problem: &Error) -> Error {
    let what = format!("the value of `{key}` is not a Rust expression: {problem}");
    error_at(problem.span(), what, format!("write it like `{}`", example(&key.to_string())))
}

// ---------------------------------------------------------------- timeout and its relatives

pub(crate) fn not_a_duration(key: &Ident, at: impl ToTokens) -> Error {
    error(
        at,
        "not a duration",
        format!("write seconds (`{key} = 60`), units (`{key} = \"1h 30m\"`), or `{key} = never`"),
    )
}

pub(crate) fn zero_duration(key: &Ident, at: impl ToTokens) -> Error {
    let what = format!("`{key}` is zero, which some caches take for \"for ever\" and others for \"don't store\"");
    let help = match key.to_string().as_str() {
        "timeout" => "write `timeout = never`, or remove `#[cached]`".to_owned(),
        "cache_none" => "write `cache_none = never`, or remove `cache_none`".to_owned(),
        _ => format!("write a longer duration, or remove `{key}`"),
    };
    error(at, what, help)
}

pub(crate) fn negative_duration(key: &Ident, at: impl ToTokens) -> Error {
    let help = format!("write `{}`", example(&key.to_string()));
    error(at, format!("`{key}` must be positive"), help)
}

pub(crate) fn unit_without_quotes(key: &Ident, at: impl ToTokens) -> Error {
    let text = source(&at);
    error(at, "a duration with a unit is a string", format!("write `{key} = \"{text}\"`"))
}

pub(crate) fn number_without_unit(key: &Ident, at: &LitStr, number: &str) -> Error {
    let help = if at.value().trim() == number {
        format!("write `{key} = {number}` for seconds, or a unit: `\"{number}s\"`, `\"{number}m\"`")
    } else {
        format!("write a unit behind `{number}`: one of {}", list(["ms", "s", "m", "h", "d", "w"]))
    };
    error(at, "a number without a unit", help)
}

pub(crate) fn unknown_unit(at: &LitStr, number: &str, unit: &str, meant: Option<&str>) -> Error {
    let help = match meant {
        Some(meant) => format!("write `{number}{meant}`"),
        None => format!("the units are {}", list(["ms", "s", "m", "h", "d", "w"])),
    };
    error(at, format!("unknown unit `{unit}`"), help)
}

pub(crate) fn never_in_quotes(key: &Ident, at: &LitStr) -> Error {
    error(at, "`never` is a word of its own", format!("write `{key} = never`"))
}

pub(crate) fn duration_not_a_literal(key: &Ident, at: impl ToTokens) -> Error {
    let what = format!("`{key}` needs a literal");
    let text = source(&at);
    if key == "timeout" {
        return error(at, what, format!("write `timeout = |_| {text}`"));
    }
    error(at, what, format!("write it out, for example `{}`", example(&key.to_string())))
}

pub(crate) fn only_timeout_takes_a_closure(key: &Ident, at: &ExprClosure) -> Error {
    let help = format!("write `{}`", example(&key.to_string()));
    error(at, format!("`{key}` takes no closure: there is no value to look at"), help)
}

pub(crate) fn errors_for_ever(at: impl ToTokens) -> Error {
    error(
        at,
        "an error kept for ever would never be noticed to be gone",
        "write `cache_err = \"10s\"`, or remove `cache_err`",
    )
}

// ---------------------------------------------------------------- values of the other options

pub(crate) fn closure_arguments(key: &Ident, at: &ExprClosure) -> Error {
    let help = match key.to_string().as_str() {
        "timeout" => "write `timeout = |value| ...`",
        _ => "write `store_if = |value| ...`",
    };
    error(at, format!("the closure of `{key}` sees one thing, the value"), help)
}

pub(crate) fn condition_is_a_closure(key: &Ident, at: &ExprClosure) -> Error {
    let body = source(&at.body);
    let what = format!("`{key}` is an expression over the arguments, not a closure");
    error(at, what, format!("write `{key} = {body}`"))
}

pub(crate) fn store_if_not_a_function(at: impl ToTokens) -> Error {
    let help = "write `store_if = |value| ...`, or the path of a function that takes a reference";
    error(at, "`store_if` is a closure or a function over the value", help)
}

pub(crate) fn version_not_a_number(at: impl ToTokens) -> Error {
    let help = "write `version = 2`, or `version = code` for a hash of the function";
    error(at, "`version` is a whole number, not negative", help)
}

pub(crate) fn version_too_large(at: &LitInt) -> Error {
    error(at, "`version` is larger than `u64::MAX`", "write a smaller number")
}

pub(crate) fn cache_is_a_literal(at: impl ToTokens) -> Error {
    error(at, "`cache` is an expression that names a `Cache`", "write `cache = self.cache` or `cache = state.cache`")
}

pub(crate) fn coalesce_not_a_bool(at: impl ToTokens) -> Error {
    error(at, "`coalesce` is `false` or `true`", "write `coalesce = false`, or remove it")
}

pub(crate) fn entry_not_a_name(at: impl ToTokens) -> Error {
    let text = source(&at);
    let bare: String = text.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
    let usable = syn::parse_str::<Ident>(&bare).is_ok();
    let help = if usable { format!("write `entry = {bare}`") } else { "write `entry = user_entry`".to_owned() };
    error(at, "`entry` is the name of the entry function", help)
}

pub(crate) fn crate_path_in_quotes(at: &LitStr) -> Error {
    let text = at.value();
    let path = text.trim_start_matches("::");
    let path = if path == "crate" || path.starts_with("crate::") { path.to_owned() } else { format!("::{path}") };
    error(at, "the path of a crate stands without quotes", format!("write `crate = {path}`"))
}

pub(crate) fn not_a_crate_path(at: Span) -> Error {
    error_at(at, "not a path", "write `crate = ::larder`")
}

pub(crate) fn crate_path_not_absolute(at: &syn::Path) -> Error {
    let path = source(at);
    error(at, "the path of a crate starts with `::` or `crate::`", format!("write `crate = ::{path}`"))
}

// ---------------------------------------------------------------- ignore

pub(crate) fn ignore_without_parentheses(name: &Ident) -> Error {
    error(name, "`ignore` takes a list", format!("write `ignore({name})`"))
}

pub(crate) fn ignores_nothing(key: &Ident) -> Error {
    error(key, "`ignore` names no argument", "name the arguments that don't change the result, or remove it")
}

pub(crate) fn not_a_list_of_names(at: Span) -> Error {
    error_at(at, "`ignore` is a list of arguments", "write `ignore(pool, self)`")
}

pub(crate) fn ignored_twice(name: &Ident) -> Error {
    error(name, format!("`{name}` is ignored twice"), "remove one of them")
}

pub(crate) fn unknown_argument_ignored(name: &Ident, known: impl Iterator<Item = String>) -> Error {
    let known: Vec<_> = known.collect();
    error(name, format!("`{name}` is not an argument"), suggest_argument(&name.to_string(), &known))
}

pub(crate) fn named_and_ignored(name: &Ident) -> Error {
    error(
        name,
        format!("`{name}` is ignored, but the key names it"),
        format!("remove it from `ignore`, or remove `<{name}>` from the key"),
    )
}

fn suggest_argument(name: &str, known: &[String]) -> String {
    match nearest::of(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "the function has no arguments".to_owned(),
        None => format!("the arguments are {}", list(known)),
    }
}

// ---------------------------------------------------------------- the key

pub(crate) fn key_not_a_literal(at: impl ToTokens) -> Error {
    error(at, "`key` is a string literal", "write `key = \"user:<id>\"`")
}

pub(crate) fn template(at: &LitStr, problem: Problem) -> Error {
    match problem {
        Problem::EmptyKey => error(at, "the key is empty", "write `key = \"user:<id>\"`, or remove `key`"),
        Problem::EmptyHole => error(at, "`<>` names nothing", "write `<id>`, or `<<` for a literal `<`"),
        Problem::Unclosed(after) => {
            let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let help = if name.is_empty() {
                "write `<<` for a literal `<`".to_owned()
            } else {
                format!("write `<{name}>`, or `<<` for a literal `<`")
            };
            error(at, "a `<` without its `>`", help)
        }
        Problem::NotAPath(text) => {
            let what = format!("`<{text}>` is not an argument or a path into one");
            let trimmed: String = text.split_whitespace().collect();
            let help = if trimmed != text && crate::template::is_path(&trimmed) {
                format!("write `<{trimmed}>`")
            } else {
                "write `<user>`, `<user.id>`, `<pair.0>` or `<user.id()>`, or `<<` for a literal `<`".to_owned()
            };
            error(at, what, help)
        }
        Problem::CallWithArguments(text) => {
            let what = format!("`<{text}>` calls with arguments");
            error(at, what, "call a method without arguments, or make the value an argument of the function")
        }
        Problem::Braces(name) => error(at, format!("`{{{name}}}` is no placeholder here"), format!("write `<{name}>`")),
        Problem::Adjacent(left, right) => {
            let what =
                format!("nothing separates `<{left}>` from `<{right}>`: `1`, `23` and `12`, `3` would be one key");
            error(at, what, format!("write `<{left}>:<{right}>`"))
        }
        Problem::NotSeparated(left, between, right) => {
            let what = format!("`{between}` does not separate `<{left}>` from `<{right}>`: values may contain it");
            error(at, what, format!("write `<{left}>:<{right}>`"))
        }
    }
}

pub(crate) fn unknown_argument_in_key(at: &LitStr, name: &str, known: impl Iterator<Item = String>) -> Error {
    let known: Vec<_> = known.collect();
    let help = match nearest::of(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `<{near}>`?"),
        None => suggest_argument(name, &known),
    };
    error(at, format!("`{name}` in the key is not an argument"), help)
}

pub(crate) fn self_without_receiver(at: &LitStr, path: &str) -> Error {
    error(
        at,
        format!("`<{path}>` needs a `self`, which the function doesn't have"),
        "name an argument, or `<Self>` for the type",
    )
}

pub(crate) fn path_behind_self_type(at: &LitStr, path: &str) -> Error {
    error(
        at,
        format!("`<{path}>`: `Self` is a type and has no fields"),
        "write `<Self>` for its name, or `<self...>` for the value",
    )
}

// ---------------------------------------------------------------- the function

pub(crate) fn not_a_function(keyword: &Ident) -> Error {
    let help = match keyword.to_string().as_str() {
        "trait" => "put it on the functions of an impl",
        "impl" | "mod" => "put it on the functions inside",
        _ => "put it on a function",
    };
    let article = if keyword.to_string().starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    error(keyword, format!("`#[cached]` goes on a function, not on {article} `{keyword}`"), help)
}

pub(crate) fn no_body(name: &Ident) -> Error {
    error(name, format!("`{name}` has no body to cache"), "put `#[cached]` on the function of an impl")
}

pub(crate) fn cached_twice(at: &syn::Attribute) -> Error {
    error(at, "`#[cached]` is given twice", "remove one of them")
}

pub(crate) fn const_function(at: impl ToTokens) -> Error {
    error(at, "a `const fn` can't look into a cache", "remove `const`, or remove `#[cached]`")
}

pub(crate) fn unsafe_function(at: impl ToTokens) -> Error {
    error(
        at,
        "an `unsafe fn` can't be cached: nobody checks its contract on a hit",
        "put `#[cached]` on a safe function around it",
    )
}

pub(crate) fn extern_function(at: impl ToTokens) -> Error {
    error(at, "a function with a foreign ABI can't be cached", "put `#[cached]` on a Rust function around it")
}

pub(crate) fn variadic_function(at: impl ToTokens) -> Error {
    error(at, "a variadic function can't be cached", "put `#[cached]` on a function with named arguments")
}

pub(crate) fn mutable_argument(at: impl ToTokens, name: &str) -> Error {
    let what = format!("`{name}` is `&mut`: changes made through it would not happen on a hit");
    error(at, what, format!("take a shared reference, or write `ignore({name})` if the changes don't matter"))
}

pub(crate) fn conditional_argument(at: &syn::Attribute) -> Error {
    error(
        at,
        "an argument that is there under a condition can't be passed on",
        "write two functions, each with its own `cfg`",
    )
}

pub(crate) fn returns_nothing(at: impl ToTokens) -> Error {
    error(at, "the function returns nothing, so there is nothing to cache", "return a value, or remove `#[cached]`")
}

pub(crate) fn never_returns(at: impl ToTokens) -> Error {
    error(at, "the function never returns, so there is nothing to cache", "remove `#[cached]`")
}

pub(crate) fn returns_opaque(at: impl ToTokens) -> Error {
    error(at, "an `impl Trait` value can't be kept: its type has no name", "return a concrete type")
}

pub(crate) fn returns_future(at: impl ToTokens) -> Error {
    error(at, "a future can't be kept, only what it comes to", "write `async fn`")
}

pub(crate) fn returns_response(at: impl ToTokens) -> Error {
    let help = "put `#[cached]` on the function that makes the data, and call it from the handler";
    error(at, "a handler's `impl` response can't be kept: its type has no name", help)
}

pub(crate) fn returns_reference(at: impl ToTokens) -> Error {
    error(
        at,
        "a reference can't be kept: what it points to may be gone",
        "return an owned value, an `Arc`, or a `&'static` reference",
    )
}

pub(crate) fn returns_boxed_future(at: impl ToTokens) -> Error {
    let help =
        "put `#[cached]` on an `async fn`; under `#[async_trait]`, on an inherent `async fn` that the method calls";
    error(at, "a boxed future can't be kept, only what it comes to", help)
}

pub(crate) fn entry_has_the_functions_name(at: &Ident) -> Error {
    error(at, "the entry function needs a name of its own", format!("write `entry = {at}_entry`"))
}

// ---------------------------------------------------------------- #[derive(KeyPart)]

pub(crate) fn key_part_of_a_union(at: &Ident) -> Error {
    error(at, "a union can't be part of a key: nobody knows which field holds", "write `impl KeyPart` by hand")
}

pub(crate) fn key_part_of_something_else(at: Span) -> Error {
    error_at(at, "`KeyPart` is derived for structs and enums", "put it on one of them")
}

pub(crate) fn unknown_key_part_option(at: &TokenStream) -> Error {
    error(at, "`#[key_part]` knows one option, `crate`", "write `#[key_part(crate = ::larder)]`")
}
