//! The annotated item becomes a [`Func`]: attributes, visibility and signature are parsed, the body stays tokens, so that
//! a half-typed body still expands.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Signature, Token, Visibility};

use crate::diag;

pub(crate) struct Func {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// The block, braces included.
    pub(crate) body: Group,
}

/// Which half of the companions the function gets.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Mode {
    Async,
    Blocking,
}

impl Func {
    pub(crate) fn mode(&self) -> Mode {
        if self.sig.asyncness.is_some() { Mode::Async } else { Mode::Blocking }
    }
}

/// The function that `#[attribute]` stands on.
pub(crate) fn parse(item: TokenStream, attribute: &str) -> syn::Result<Func> {
    (|input: ParseStream<'_>| function(input, attribute)).parse2(item)
}

// #[attr]* vis signature { body }
fn function(input: ParseStream<'_>, attribute: &str) -> syn::Result<Func> {
    let attrs = input.call(Attribute::parse_outer)?;
    let vis: Visibility = input.parse()?;
    refuse_other_items(input, attribute)?;
    let sig: Signature = input.parse()?;
    if input.peek(Token![;]) {
        return Err(diag::functions::no_body(&sig.ident, attribute));
    }
    let rest: TokenStream = input.parse()?;
    let body = block(rest).ok_or_else(|| diag::functions::no_body(&sig.ident, attribute))?;
    Ok(Func { attrs, vis, sig, body })
}

/// The first keyword that decides what the item is must be `fn`.
fn refuse_other_items(input: ParseStream<'_>, attribute: &str) -> syn::Result<()> {
    let fork = input.fork();
    let mut constant = None;
    while let Ok(token) = fork.parse::<TokenTree>() {
        match token {
            TokenTree::Ident(keyword) if keyword == "fn" => return Ok(()),
            TokenTree::Ident(keyword) if ITEMS.iter().any(|item| keyword == item) => {
                return Err(diag::functions::not_a_function(&keyword, attribute));
            }
            TokenTree::Ident(keyword) if keyword == "const" => constant = Some(keyword),
            TokenTree::Ident(_) | TokenTree::Literal(_) => {}
            // `const X: u64`, or something to be reported by the parser of functions.
            TokenTree::Group(_) | TokenTree::Punct(_) => break,
        }
    }
    constant.map_or(Ok(()), |keyword| Err(diag::functions::not_a_function(&keyword, attribute)))
}

const ITEMS: &[&str] =
    &["struct", "enum", "union", "impl", "trait", "mod", "use", "type", "static", "let", "macro_rules"];

/// The block, out of the invisible group that `$body:block` puts around it.
fn block(tokens: TokenStream) -> Option<Group> {
    let mut tokens = tokens.into_iter();
    let (Some(TokenTree::Group(group)), None) = (tokens.next(), tokens.next()) else {
        return None;
    };
    match group.delimiter() {
        Delimiter::Brace => Some(group),
        Delimiter::None => block(group.stream()),
        Delimiter::Parenthesis | Delimiter::Bracket => None,
    }
}
