//! `fragment!(option, option, [async] [move] [-> Type] { .. })`: the options are those of `#[cached]`, the block is the body.
//!
//! ```text
//! fragment!(key = "sidebar:<user.id>", timeout = 60, { render_sidebar(&user) })
//! ```
//!
//! What follows the options is taken off, and the rest is an attribute on a function that nobody sees: without arguments, whose
//! name says what stands there. So the pieces of `expand` make a fragment as they make a function.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::parse::{ParseStream, Parser as _};
use syn::{LitStr, ReturnType, Signature, Token, Type, Visibility};

use crate::args::Args;
use crate::attr::{Attr, OPTIONS};
use crate::check;
use crate::diag::keys::Subject;
use crate::diag::{self, Errors};
use crate::expand;
use crate::freshness;
use crate::func::{Func, Mode};
use crate::key::{self, Key, Statement, Template, Value};
use crate::paths::Paths;
use crate::plan::{Place, Plan};
use crate::template::{self, Hole, Piece};

/// What follows the options.
pub(crate) struct Block {
    asyncness: Option<Token![async]>,
    pub(crate) moves: Option<Token![move]>,
    /// The type of its value, if it is stated.
    pub(crate) returns: Option<Type>,
    /// Braces included.
    pub(crate) body: Group,
}

pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (mut options, block) = split(tokens.into_iter().collect());
    let attempt = if block.is_none() { take_attempt(&mut options) } else { TokenStream::new() };
    let options = without_refused(options, &mut errors);
    let attr = Attr::parse(options.iter().cloned().collect(), &mut errors);
    let Some(block) = block else {
        return without_block(&options, &attempt, errors);
    };
    let in_place = check(&attr, &block, &mut errors);
    let func = function(&block);
    let (key, tags) = (key_of(&attr, &options, &block, &mut errors), tags_of(&attr, &mut errors));
    match key {
        Some(key) if errors.is_empty() => {
            let unit = Type::Verbatim(quote_spanned!(Span::mixed_site()=> ()));
            let returns = block.returns.as_ref().unwrap_or(&unit);
            let (place, args, paths) = (Place::Inline, Args::new(&func, &attr), Paths::new(&attr));
            expand::fragment(&Plan { func: &func, attr: &attr, place, args, key, tags, returns, paths }, &block)
        }
        // The block keeps its type, so that what is done with its value is no further error.
        _ => {
            let plain = expand::plain_fragment(&block, in_place);
            quote_spanned!(Span::mixed_site()=> { #errors #plain })
        }
    }
}

impl Block {
    pub(crate) fn mode(&self) -> Mode {
        if self.asyncness.is_some() { Mode::Async } else { Mode::Blocking }
    }
}

/// An expression in the place of the block: what follows the last comma, if it is no option.
fn take_attempt(tokens: &mut Vec<TokenTree>) -> TokenStream {
    let start = tokens.iter().rposition(is_comma).map_or(0, |comma| comma + 1);
    let rest: Vec<_> = tokens.iter().skip(start).cloned().collect();
    let option = match (rest.first(), rest.get(1)) {
        (Some(TokenTree::Ident(_)), Some(TokenTree::Punct(next))) => next.as_char() == '=',
        (Some(TokenTree::Ident(name)), _) => OPTIONS.iter().any(|option| name == option),
        _ => false,
    };
    if option {
        return TokenStream::new();
    }
    tokens.truncate(start);
    rest.into_iter().collect()
}

fn without_block(options: &[TokenTree], attempt: &TokenStream, mut errors: Errors) -> TokenStream {
    let span = Span::mixed_site();
    errors.push(diag::fragments::without_block(options, attempt));
    if syn::parse2::<syn::Expr>(attempt.clone()).is_ok() {
        return quote_spanned!(span=> { #errors #attempt });
    }
    quote_spanned!(span=> { #errors loop {} })
}

/// The options, and what follows the last comma that a block can follow: types have commas, too.
fn split(mut tokens: Vec<TokenTree>) -> (Vec<TokenTree>, Option<Block>) {
    if tokens.last().is_some_and(is_comma) {
        tokens.pop();
    }
    let starts = tokens.iter().enumerate().rev().filter(|(_, token)| is_comma(token)).map(|(at, _)| at + 1);
    for start in starts.chain([0]) {
        let rest: TokenStream = tokens.iter().skip(start).cloned().collect();
        if let Ok(block) = block.parse2(rest) {
            tokens.truncate(start);
            return (tokens, Some(block));
        }
    }
    (tokens, None)
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')
}

// [async] [move] [-> Type] { .. }
fn block(input: ParseStream<'_>) -> syn::Result<Block> {
    let (asyncness, moves) = (input.parse()?, input.parse()?);
    let returns = match input.parse()? {
        ReturnType::Type(_, returns) => Some(*returns),
        ReturnType::Default => None,
    };
    let mut token: TokenTree = input.parse()?;
    // `$body:block` comes in an invisible group.
    while let TokenTree::Group(group) = &token {
        match (group.delimiter(), group.stream().into_iter().next()) {
            (Delimiter::Brace, _) => return Ok(Block { asyncness, moves, returns, body: group.clone() }),
            (Delimiter::None, Some(inner)) => token = inner,
            _ => break,
        }
    }
    Err(input.error("expected a block"))
}

/// Options of functions; a block has no arguments, no place beside it, and no request.
const REFUSED: [&str; 6] = ["ignore", "batch", "chunk", "entry", "axum", "actix"];

/// The tokens without the options that make no sense here: each is one error, at its name.
fn without_refused(tokens: Vec<TokenTree>, errors: &mut Errors) -> Vec<TokenTree> {
    let (mut kept, mut starts, mut refused) = (Vec::with_capacity(tokens.len()), true, false);
    for token in tokens {
        if starts {
            refused = match &token {
                TokenTree::Ident(name) if REFUSED.iter().any(|option| name == option) => {
                    errors.push(diag::fragments::option_of_functions(name));
                    true
                }
                _ => false,
            };
        }
        starts = is_comma(&token);
        if !refused {
            kept.push(token);
        }
    }
    kept
}

/// Whether the block has a `?` or an `.await` that it should not have.
fn check(attr: &Attr, block: &Block, errors: &mut Errors) -> bool {
    check::codec_leaves_the_process(attr, errors);
    freshness::check(attr, errors);
    if let (Some(option), None) = (attr.aside(), &block.moves) {
        errors.push(diag::fragments::borrows(option, block.mode()));
    }
    let exit = if block.returns.is_none() { exit(block.body.stream()) } else { None };
    if let Some(exit) = &exit {
        errors.push(diag::fragments::exit_without_type(exit, block.mode()));
    }
    let wait = if block.mode() == Mode::Blocking { wait(block.body.stream()) } else { None };
    if let Some(wait) = &wait {
        errors.push(diag::fragments::await_outside_async(wait));
    }
    wait.is_some() || matches!(exit, Some(TokenTree::Punct(_)))
}

/// The first `?` or `return`, wherever in the block. `?Sized` is something else.
fn exit(tokens: TokenStream) -> Option<TokenTree> {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Ident(word) if word == "return" => return Some(token),
            TokenTree::Punct(mark) if mark.as_char() == '?' => {
                let bound = matches!(tokens.peek(), Some(TokenTree::Ident(next)) if next == "Sized");
                if !bound {
                    return Some(token);
                }
            }
            TokenTree::Group(group) => {
                if let Some(found) = exit(group.stream()) {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    None
}

/// The first `.await` in front of which nothing is `async`.
fn wait(tokens: TokenStream) -> Option<Ident> {
    for token in tokens {
        match token {
            TokenTree::Ident(word) if word == "async" => return None,
            TokenTree::Ident(word) if word == "await" => return Some(word),
            TokenTree::Group(group) => {
                if let Some(found) = wait(group.stream()) {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    None
}

/// The function that nobody sees.
fn function(block: &Block) -> Func {
    let span = Span::mixed_site();
    let output = block
        .returns
        .clone()
        .map_or(ReturnType::Default, |returns| ReturnType::Type(Token![->](span), Box::new(returns)));
    let sig = Signature {
        constness: None,
        asyncness: block.asyncness,
        safety: syn::Safety::Default,
        abi: None,
        fn_token: Token![fn](span),
        ident: Ident::new("fragment", span),
        generics: syn::Generics::default(),
        paren_token: syn::token::Paren(span),
        inputs: syn::punctuated::Punctuated::new(),
        variadic: None,
        output,
    };
    Func { attrs: Vec::new(), vis: Visibility::Inherited, sig, body: block.body.clone() }
}

fn key_of<'a>(attr: &'a Attr, options: &[TokenTree], block: &Block, errors: &mut Errors) -> Option<Key<'a>> {
    let Some(given) = &attr.key else {
        if !attr.left_unread("key") {
            let at = options.first().map_or_else(|| block.body.span_open(), TokenTree::span);
            errors.push(diag::fragments::without_key(at));
        }
        return None;
    };
    let pieces = pieces(&given.value, Subject::Key, errors)?;
    let head = key::head(&pieces);
    let mut statements = statements(&given.value, &pieces, head.len(), errors)?;
    statements.extend(attr.revision.as_ref().map(|revision| Statement::Revision(&revision.value)));
    Some(Key { template: Some(Template { head, pieces }), statements })
}

fn tags_of<'a>(attr: &Attr, errors: &mut Errors) -> Vec<Vec<Statement<'a>>> {
    let mut tags = Vec::new();
    for literal in attr.tags.iter().flat_map(|tags| &tags.value) {
        if let Some(pieces) = pieces(literal, Subject::Tag, errors) {
            tags.extend(statements(literal, &pieces, 0, errors));
        }
    }
    tags
}

fn pieces(literal: &LitStr, subject: Subject, errors: &mut Errors) -> Option<Vec<Piece>> {
    let problems = match template::parse(&literal.value()) {
        Ok(pieces) => return Some(pieces),
        Err(problems) => problems,
    };
    for problem in problems {
        errors.push(diag::keys::template(literal, subject, problem));
    }
    None
}

/// What renders the pieces, without the first `head` bytes. A placeholder means what its name means where the literal stands.
fn statements<'a>(literal: &LitStr, pieces: &[Piece], head: usize, errors: &mut Errors) -> Option<Vec<Statement<'a>>> {
    let (mut statements, mut skip) = (Vec::new(), head);
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                let text = text.get(std::mem::take(&mut skip)..).unwrap_or_default();
                if !text.is_empty() {
                    statements.push(Statement::Text(text.to_owned()));
                }
            }
            Piece::Hole(hole) => match placeholder(literal, hole) {
                Ok(statement) => statements.push(statement),
                Err(error) => {
                    errors.push(error);
                    return None;
                }
            },
        }
    }
    Some(statements)
}

fn placeholder<'a>(literal: &LitStr, hole: &Hole) -> syn::Result<Statement<'a>> {
    let span = literal.span();
    if hole.root == "Self" {
        return match hole.steps.as_slice() {
            [] => Ok(Statement::SelfName(span)),
            _ => Err(diag::keys::path_behind_self_type(literal, &hole.text)),
        };
    }
    let root = if hole.root == "self" { Ident::new("self", span) } else { expand::member(&hole.root, span) };
    Ok(Statement::Hole { span, value: Value::Argument(root), steps: hole.steps.clone() })
}
