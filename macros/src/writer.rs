//! `#[invalidates(...)]`: the tokens between its parentheses and the function become a [`Writer`], or errors.
//!
//! As with `#[cached]`, parsing never gives up, all errors are reported in one build, and the function stays as given.

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, Path, ReturnType, Safety, Token, Type};

use crate::attr::{Given, next_token, skip_to_comma};
use crate::diag::{self, Errors};
use crate::func::{self, Func};
use crate::handler::{self, Framework};
use crate::ty::{self, Unkeepable};
use crate::{expand, fallback, listed, value};

pub(crate) const OPTIONS: &[&str] = &["on_error", "axum", "actix", "crate"];

/// Everything that expansion has to know.
pub(crate) struct Writer<'a> {
    pub(crate) func: &'a Func,
    pub(crate) attr: &'a WriterAttr,
}

/// What the attribute says.
#[derive(Default)]
pub(crate) struct WriterAttr {
    /// What is listed; a closure is one over the value that the function returns.
    pub(crate) expressions: Vec<Expr>,
    pub(crate) on_error: Option<Given<OnError>>,
    /// A web handler, which has succeeded if its response says so.
    pub(crate) handler: Option<Given<Framework>>,
    pub(crate) krate: Option<Given<Path>>,
    /// Something was given that could not be read, so that the list is perhaps not empty.
    incomplete: bool,
}

pub(crate) enum OnError {
    Log,
    /// Where `return` stands.
    Return(Span),
}

pub(crate) fn expand(attr: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut attr = WriterAttr::parse(attr, &mut errors);
    let func = match func::parse(item.clone(), "invalidates") {
        Ok(func) => func,
        Err(error) => {
            errors.push(error);
            return fallback::item(item, &errors);
        }
    };
    let possible = check(&func, &attr, &mut errors);
    attr.expressions.retain(|expression| {
        let error = listed::check(expression, &func);
        let right = error.is_none();
        errors.extend(error);
        right
    });
    if possible && !attr.expressions.is_empty() {
        // Also beside errors: what could be read of the list stays known to the IDE.
        let writer = expand::writer(&Writer { func: &func, attr: &attr }, item);
        return fallback::writer(&writer, &errors);
    }
    fallback::writer(item, &errors)
}

impl WriterAttr {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut attr = Self::default();
        let parse = |input: ParseStream<'_>| {
            list(input, &mut attr, errors);
            Ok(())
        };
        if let Err(error) = parse.parse2(tokens) {
            errors.push(error);
        }
        if attr.expressions.is_empty() && !attr.incomplete {
            errors.push(diag::writers::nothing_to_invalidate(Span::call_site()));
        }
        attr
    }
}

// expression | option, ...
fn list(input: ParseStream<'_>, attr: &mut WriterAttr, errors: &mut Errors) {
    while !input.is_empty() {
        if let Err(error) = item(input, attr) {
            attr.incomplete = true;
            errors.push(error);
            skip_to_comma(input);
        } else if !input.is_empty() && !input.peek(Token![,]) {
            errors.push(diag::writers::missing_comma(&next_token(input)));
            skip_to_comma(input);
        }
        let _comma: syn::Result<Option<Token![,]>> = input.parse();
    }
}

fn item(input: ParseStream<'_>, attr: &mut WriterAttr) -> syn::Result<()> {
    if input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==]) && !input.peek2(Token![=>]) {
        return option(input, attr);
    }
    if let Some(framework) = marker(input) {
        let key = Ident::parse_any(input)?;
        if attr.handler.is_some() {
            return Err(diag::handlers::two_frameworks(&key));
        }
        attr.handler = Some(Given { key, value: framework });
        return Ok(());
    }
    attr.expressions.push(listed::parse(input)?);
    Ok(())
}

// axum | actix
fn marker(input: ParseStream<'_>) -> Option<Framework> {
    let fork = input.fork();
    let name = fork.parse::<Ident>().ok()?;
    let alone = fork.is_empty() || fork.peek(Token![,]);
    [Framework::Axum, Framework::Actix].into_iter().find(|framework| alone && name == framework.name())
}

// on_error = log | on_error = return | crate = ::path
fn option(input: ParseStream<'_>, attr: &mut WriterAttr) -> syn::Result<()> {
    let key = Ident::parse_any(input)?;
    if key == "on_error" {
        let value = on_error(&key, input)?;
        return given(&mut attr.on_error, key, value);
    }
    if key == "crate" {
        let value = value::krate(&key, input)?;
        return given(&mut attr.krate, key, value);
    }
    let _: Token![=] = input.parse()?;
    Err(diag::writers::unknown_option(&key, input.parse::<Expr>().ok().as_ref()))
}

fn given<T>(place: &mut Option<Given<T>>, key: Ident, value: T) -> syn::Result<()> {
    if place.is_some() {
        return Err(diag::options::duplicate_option(&key));
    }
    *place = Some(Given { key, value });
    Ok(())
}

fn on_error(key: &Ident, input: ParseStream<'_>) -> syn::Result<OnError> {
    let _: Token![=] = input.parse()?;
    if !input.peek(Ident::peek_any) {
        let at = if input.is_empty() { quote::ToTokens::to_token_stream(key) } else { next_token(input) };
        return Err(diag::writers::unknown_on_error(&at));
    }
    let value = Ident::parse_any(input)?;
    match value.to_string().as_str() {
        "log" => Ok(OnError::Log),
        "return" => Ok(OnError::Return(value.span())),
        _ => Err(diag::writers::unknown_on_error(&value)),
    }
}

/// Whether the function can be a writer, whatever the list says.
fn check(func: &Func, attr: &WriterAttr, errors: &mut Errors) -> bool {
    let (sig, before) = (&func.sig, errors.len());
    if let Some(token) = &sig.constness {
        errors.push(diag::writers::const_function(token));
    }
    if let Safety::Unsafe(token) = &sig.safety {
        errors.push(diag::writers::unsafe_function(token));
    }
    let cached = func.attrs.iter().find(|attr| attr.path().segments.last().is_some_and(|last| last.ident == "cached"));
    if let Some(cached) = cached {
        errors.push(diag::writers::cached_writer(cached));
    }
    if attr.handler.is_some() {
        handler::can_be_one(func, errors);
    } else if let Some((ty, framework)) = handler::looks(func).filter(|_| !attr.incomplete) {
        errors.push(diag::handlers::looks_like_a_writing_handler(ty, framework));
    }
    if let ReturnType::Type(_, returns) = &sig.output {
        check_returns(returns, errors);
    }
    errors.len() == before
}

fn check_returns(returns: &Type, errors: &mut Errors) {
    match ty::unkeepable(returns) {
        Some(Unkeepable::Opaque(opaque)) if ty::is_future(opaque) => {
            errors.push(diag::writers::returns_future(opaque));
        }
        Some(Unkeepable::BoxedFuture(boxed)) => errors.push(diag::writers::returns_boxed_future(boxed)),
        _ if ty::is_never(returns) => errors.push(diag::writers::never_returns(returns)),
        _ => {}
    }
}
