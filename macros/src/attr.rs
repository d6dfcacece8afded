//! The tokens between the parentheses of `#[cached(...)]` become an [`Attr`].
//!
//! Parsing never gives up: a wrong option is reported, skipped to the next comma, and the rest is read.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, LitStr, Path, Token};

use crate::diag::{self, Errors};
use crate::fraction::{self, Early, Jitter};
use crate::handler::Framework;
use crate::lists;
use crate::nearest;
use crate::response;
use crate::value::{self, Codec, Timeout, Version};

/// The options of this release, in the order of the manual.
pub(crate) const OPTIONS: &[&str] = &[
    "timeout",
    "key",
    "ignore",
    "version",
    "revision",
    "cache",
    "unless",
    "refresh_if",
    "store_if",
    "cache_none",
    "cache_err",
    "stale_while_revalidate",
    "stale_if_error",
    "soft_timeout",
    "early",
    "jitter",
    "tags",
    "batch",
    "chunk",
    "local",
    "codec",
    "coalesce",
    "entry",
    "axum",
    "actix",
    "vary",
    "status",
    "max_body",
    "browser",
    "cdn",
    "crate",
];

/// An option as given: its value, and its key for errors that point at it.
pub(crate) struct Given<T> {
    pub(crate) key: Ident,
    pub(crate) value: T,
}

/// Every option that was given and could be read.
#[derive(Default)]
pub(crate) struct Attr {
    pub(crate) timeout: Option<Given<Timeout>>,
    pub(crate) key: Option<Given<LitStr>>,
    pub(crate) ignore: Option<Given<Vec<Ident>>>,
    pub(crate) version: Option<Given<Version>>,
    pub(crate) revision: Option<Given<Expr>>,
    pub(crate) cache: Option<Given<Expr>>,
    pub(crate) unless: Option<Given<Expr>>,
    pub(crate) refresh_if: Option<Given<Expr>>,
    pub(crate) store_if: Option<Given<Expr>>,
    pub(crate) cache_none: Option<Given<Option<u64>>>,
    pub(crate) cache_err: Option<Given<u64>>,
    pub(crate) stale_while_revalidate: Option<Given<u64>>,
    pub(crate) stale_if_error: Option<Given<u64>>,
    pub(crate) soft_timeout: Option<Given<u64>>,
    pub(crate) early: Option<Given<Early>>,
    pub(crate) jitter: Option<Given<Jitter>>,
    pub(crate) tags: Option<Given<Vec<LitStr>>>,
    pub(crate) batch: Option<Given<()>>,
    pub(crate) chunk: Option<Given<Expr>>,
    pub(crate) local: Option<Given<()>>,
    pub(crate) codec: Option<Given<Codec>>,
    pub(crate) coalesce: Option<Given<bool>>,
    pub(crate) entry: Option<Given<Ident>>,
    pub(crate) handler: Option<Given<Framework>>,
    pub(crate) vary: Option<Given<Vec<LitStr>>>,
    pub(crate) status: Option<Given<Vec<u16>>>,
    pub(crate) max_body: Option<Given<u64>>,
    pub(crate) browser: Option<Given<u32>>,
    pub(crate) cdn: Option<Given<u32>>,
    pub(crate) krate: Option<Given<Path>>,
    /// Options whose values could not be read; what they would have said is unknown.
    pub(crate) unread: Vec<String>,
    /// All tokens of the attribute, to look for `Self` in.
    pub(crate) tokens: TokenStream,
}

impl Attr {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut attr = Self { tokens: tokens.clone(), ..Self::default() };
        let mut seen = Vec::new();
        let outcome = Parser::parse2(
            |input: ParseStream<'_>| {
                options(input, &mut attr, &mut seen, errors);
                Ok(())
            },
            tokens,
        );
        if let Err(error) = outcome {
            errors.push(error);
        }
        attr
    }

    /// Whether an option is there whose value could not be read.
    pub(crate) fn left_unread(&self, option: &str) -> bool {
        self.unread.iter().any(|unread| unread == option)
    }

    /// The key and the tags, as far as they are given.
    pub(crate) fn templates(&self) -> impl Iterator<Item = &LitStr> {
        self.key.iter().map(|key| &key.value).chain(self.tags.iter().flat_map(|tags| &tags.value))
    }

    /// The expressions that may mention arguments.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expr> {
        [&self.revision, &self.cache, &self.unless, &self.refresh_if].into_iter().flatten().map(|given| &given.value)
    }
}

// option, option, ...
fn options(input: ParseStream<'_>, attr: &mut Attr, seen: &mut Vec<String>, errors: &mut Errors) {
    while !input.is_empty() {
        let recovered = match option(input, attr, seen) {
            Ok(()) => false,
            Err(error) => {
                errors.push(error);
                skip_to_comma(input);
                true
            }
        };
        if input.is_empty() {
            return;
        }
        if input.peek(Token![,]) {
            let _: syn::Result<Token![,]> = input.parse();
            continue;
        }
        if !recovered {
            errors.push(diag::options::missing_comma(&next_token(input)));
        }
        if !starts_option(input) {
            skip_to_comma(input);
            let _: syn::Result<Option<Token![,]>> = input.parse();
        }
    }
}

// key | key = value | ignore(a, b)
fn option(input: ParseStream<'_>, attr: &mut Attr, seen: &mut Vec<String>) -> syn::Result<()> {
    if !input.peek(Ident::peek_any) {
        return Err(diag::options::not_an_option(&next_token(input)));
    }
    let key = Ident::parse_any(input)?;
    let name = key.to_string();
    if !OPTIONS.contains(&name.as_str()) {
        let near = nearest::option(&name);
        guess(near, &key, input, attr);
        let like_format = attr.key.as_ref().filter(|key| key.value.value().contains("{}"));
        if let Some(template) = like_format.filter(|_| near.is_none() && (input.is_empty() || input.peek(Token![,]))) {
            return Err(diag::options::argument_of_a_format(&key, &template.value));
        }
        return Err(diag::options::unknown_option(&key));
    }
    // A second value is read, too, so that its own mistakes don't hide behind the duplicate.
    let duplicate = seen.contains(&name);
    seen.push(name.clone());
    let mut second = Attr::default();
    let outcome = value_of(input, key.clone(), &name, if duplicate { &mut second } else { attr });
    if outcome.is_err() {
        attr.unread.push(name);
    }
    outcome?;
    if let (Some(first), Some(second)) = (&mut attr.ignore, second.ignore) {
        first.value.extend(second.value);
    }
    if duplicate {
        return Err(diag::options::duplicate_option(&key));
    }
    Ok(())
}

/// A misspelt option that decides which companions there are, and which arguments they have.
fn guess(meant: Option<&str>, key: &Ident, input: ParseStream<'_>, attr: &mut Attr) {
    match meant {
        Some("ignore") if attr.ignore.is_none() => {
            let (value, _) = lists::ignore(key, input);
            attr.ignore = Some(Given { key: key.clone(), value });
        }
        Some("tags") if attr.tags.is_none() => {
            let (value, _) = lists::tags(key, input);
            attr.tags = Some(Given { key: key.clone(), value });
        }
        Some("batch") if attr.batch.is_none() => attr.batch = Some(Given { key: key.clone(), value: () }),
        _ => {}
    }
}

fn value_of(input: ParseStream<'_>, key: Ident, name: &str, attr: &mut Attr) -> syn::Result<()> {
    match name {
        "timeout" => attr.timeout = Some(given(key, input, value::timeout)?),
        "key" => attr.key = Some(given(key, input, value::key)?),
        "ignore" => {
            let (value, outcome) = lists::ignore(&key, input);
            attr.ignore = Some(Given { key, value });
            outcome?;
        }
        "version" => attr.version = Some(given(key, input, value::version)?),
        "revision" => attr.revision = Some(given(key, input, value::expr)?),
        "cache" => attr.cache = Some(given(key, input, value::cache)?),
        "unless" => attr.unless = Some(given(key, input, value::condition)?),
        "refresh_if" => attr.refresh_if = Some(given(key, input, value::condition)?),
        "store_if" => attr.store_if = Some(given(key, input, value::store_if)?),
        "cache_none" => attr.cache_none = Some(given(key, input, value::cache_none)?),
        "cache_err" => attr.cache_err = Some(given(key, input, value::cache_err)?),
        "stale_while_revalidate" => attr.stale_while_revalidate = Some(given(key, input, value::stale)?),
        "stale_if_error" => attr.stale_if_error = Some(given(key, input, value::stale)?),
        "soft_timeout" => attr.soft_timeout = Some(given(key, input, value::soft_timeout)?),
        "early" => attr.early = Some(given(key, input, fraction::early)?),
        "jitter" => attr.jitter = Some(given(key, input, fraction::jitter)?),
        "tags" => {
            let (value, outcome) = lists::tags(&key, input);
            attr.tags = Some(Given { key, value });
            outcome?;
        }
        "batch" => {
            // With a value it still says what kind of function this is.
            attr.batch = Some(Given { key: key.clone(), value: () });
            value::flag(&key, input)?;
        }
        "chunk" => attr.chunk = Some(given(key, input, value::chunk)?),
        "local" => attr.local = Some(given(key, input, value::flag)?),
        "codec" => attr.codec = Some(given(key, input, value::codec)?),
        "coalesce" => attr.coalesce = Some(given(key, input, value::coalesce)?),
        "entry" => attr.entry = Some(given(key, input, value::entry)?),
        "axum" => framework(&key, input, Framework::Axum, attr)?,
        "actix" => framework(&key, input, Framework::Actix, attr)?,
        "vary" => attr.vary = Some(given(key, input, response::vary)?),
        "status" => attr.status = Some(given(key, input, response::status)?),
        "max_body" => attr.max_body = Some(given(key, input, response::max_body)?),
        "browser" => attr.browser = Some(given(key, input, response::seconds)?),
        "cdn" => attr.cdn = Some(given(key, input, response::seconds)?),
        "crate" => attr.krate = Some(given(key, input, value::krate)?),
        _ => return Err(diag::options::unknown_option(&key)),
    }
    Ok(())
}

// axum | actix
/// With a value, or as the second of two, it still says that the function is a handler.
fn framework(key: &Ident, input: ParseStream<'_>, framework: Framework, attr: &mut Attr) -> syn::Result<()> {
    let first = attr.handler.is_none();
    attr.handler.get_or_insert_with(|| Given { key: key.clone(), value: framework });
    value::flag(key, input)?;
    if first { Ok(()) } else { Err(diag::handlers::two_frameworks(key)) }
}

type ReadValue<T> = fn(&Ident, ParseStream<'_>) -> syn::Result<T>;

fn given<T>(key: Ident, input: ParseStream<'_>, read: ReadValue<T>) -> syn::Result<Given<T>> {
    let value = read(&key, input)?;
    Ok(Given { key, value })
}

pub(crate) fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

fn starts_option(input: ParseStream<'_>) -> bool {
    let fork = input.fork();
    Ident::parse_any(&fork).is_ok_and(|ident| OPTIONS.contains(&ident.to_string().as_str()))
}

/// The next token, for an error that points at it.
pub(crate) fn next_token(input: ParseStream<'_>) -> TokenStream {
    input.fork().parse::<TokenTree>().map(TokenStream::from).unwrap_or_default()
}
