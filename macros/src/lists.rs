//! The options whose values are lists in parentheses: `ignore` and `tags`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::ParseStream;
use syn::{Expr, Lit, LitStr, Token, bracketed, parenthesized};

use crate::diag;
use crate::value::peel;

// ignore(a, b, self) | ignore = (a, b, self)
/// Also the names that were read before a mistake: they decide which arguments the entry function has.
pub(crate) fn ignore(key: &Ident, input: ParseStream<'_>) -> (Vec<Ident>, syn::Result<()>) {
    let mut names = Vec::new();
    let outcome = ignored(key, input, &mut names);
    (names, outcome)
}

fn ignored(key: &Ident, input: ParseStream<'_>, names: &mut Vec<Ident>) -> syn::Result<()> {
    let equals = input.parse::<Option<Token![=]>>()?.is_some();
    if !input.peek(syn::token::Paren) {
        let given = equals.then(|| without_parentheses(&input.fork())).and_then(Result::ok).unwrap_or_default();
        names.extend(given.iter().cloned());
        return Err(match given.as_slice() {
            [] => diag::options::missing_value(key),
            given => diag::ignores::ignore_without_parentheses(&input.fork().parse::<TokenTree>()?.into(), given),
        });
    }
    let list;
    let _paren = parenthesized!(list in input);
    let outcome = ignored_names(key, &list, names);
    // What was not read would be an error of its own.
    list.parse::<TokenStream>()?;
    outcome
}

/// `db`, `"db"`, `[db, pool]`
fn without_parentheses(input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    if input.peek(syn::token::Bracket) {
        let list;
        let _bracket = bracketed!(list in input);
        return Ok(list.parse_terminated(ignored_name, Token![,])?.into_iter().collect());
    }
    let text = input.fork().parse::<LitStr>();
    let name = text.map_or_else(|_| ignored_name(input), |text| text.parse())?;
    Ok(vec![name])
}

fn ignored_names(key: &Ident, list: ParseStream<'_>, names: &mut Vec<Ident>) -> syn::Result<()> {
    if list.is_empty() {
        return Err(diag::ignores::ignores_nothing(key));
    }
    while !list.is_empty() {
        let name = ignored_name(list)?;
        if names.contains(&name) {
            return Err(diag::ignores::ignored_twice(&name));
        }
        names.push(name);
        if !list.is_empty() {
            list.parse::<Token![,]>().map_err(|error| diag::ignores::not_a_list_of_names(error.span()))?;
        }
    }
    Ok(())
}

fn ignored_name(list: ParseStream<'_>) -> syn::Result<Ident> {
    if list.peek(Token![self]) {
        let token: Token![self] = list.parse()?;
        return Ok(Ident::new("self", token.span));
    }
    list.parse().map_err(|error: syn::Error| diag::ignores::not_a_list_of_names(error.span()))
}

// tags("team:<team_id>", "all") | tags = ("team:<team_id>", "all")
/// Also the tags that were read beside a mistake: they decide which arguments the entry function has.
pub(crate) fn tags(key: &Ident, input: ParseStream<'_>) -> (Vec<LitStr>, syn::Result<()>) {
    let mut tags = Vec::new();
    let outcome = tag_list(key, input, &mut tags);
    (tags, outcome)
}

fn tag_list(key: &Ident, input: ParseStream<'_>, tags: &mut Vec<LitStr>) -> syn::Result<()> {
    let equals = input.parse::<Option<Token![=]>>()?.is_some();
    if !input.peek(syn::token::Paren) {
        let value = equals.then(|| input.fork().parse::<Expr>().map(peel).ok()).flatten();
        if let Some(Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. })) = &value {
            tags.push(text.clone());
        }
        return Err(match value {
            Some(value) => diag::tags::without_parentheses(&value),
            None => diag::options::missing_value(key),
        });
    }
    let list;
    let _paren = parenthesized!(list in input);
    if list.is_empty() {
        return Err(diag::tags::no_tag(key));
    }
    let mut errors: Option<syn::Error> = None;
    while !list.is_empty() {
        if let Err(error) = tag(&list, tags) {
            match &mut errors {
                Some(errors) => errors.combine(error),
                None => errors = Some(error),
            }
        }
    }
    errors.map_or(Ok(()), Err)
}

/// One tag and the comma behind it.
fn tag(list: ParseStream<'_>, tags: &mut Vec<LitStr>) -> syn::Result<()> {
    let read = list.parse().map(peel);
    let ended = list.is_empty() || list.peek(Token![,]);
    let mut rest = TokenStream::new();
    while !list.is_empty() && !list.peek(Token![,]) {
        rest.extend([list.parse::<TokenTree>()?]);
    }
    list.parse::<Option<Token![,]>>()?;
    match read {
        Ok(Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. })) if text.suffix().is_empty() => {
            let twice = tags.iter().any(|tag| tag.value() == text.value());
            tags.push(text.clone());
            if twice {
                return Err(diag::tags::given_twice(&text));
            }
            if ended { Ok(()) } else { Err(diag::tags::missing_comma(&rest)) }
        }
        Ok(other) => Err(diag::tags::not_a_literal(&other)),
        Err(error) => Err(diag::tags::not_a_string(error.span())),
    }
}
