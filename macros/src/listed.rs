//! One expression of `#[invalidates(...)]`: what its look tells of whether it can be invalidated.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::{Expr, ExprClosure, ExprMethodCall, ExprPath, FnArg, Lit, ReturnType, Token, Type};

use crate::attr::next_token;
use crate::diag;
use crate::func::Func;
use crate::{key, pattern, ty, value};

/// Whatever has a value that can be invalidated, or a closure that makes one of what the function returns.
pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Expr> {
    let start = input.fork();
    let expression: Expr = input.parse().map_err(|error| match companion_behind_a_dot(&start) {
        Some((method, companion)) => diag::writers::companion_of_a_method(&companion, &method, &companion),
        None => diag::writers::not_an_expression(&error),
    })?;
    match value::peel(expression) {
        Expr::Closure(closure) => closure_of_the_value(&closure).map_or(Ok(Expr::Closure(closure)), Err),
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Err(diag::writers::text(text)),
            _ => Err(diag::writers::literal(&literal)),
        },
        // `fn` and the like, which syn keeps as they are.
        Expr::Verbatim(_) => Err(diag::writers::no_value(&next_token(&start))),
        expression => {
            let wrong = companion_of_a_type(&expression).or_else(|| done_already(&expression));
            wrong.map_or(Ok(expression), Err)
        }
    }
}

fn closure_of_the_value(closure: &ExprClosure) -> Option<syn::Error> {
    match closure.inputs.len() {
        1 if closure.asyncness.is_none() => None,
        0 => Some(diag::writers::closure_of_nothing(closure)),
        _ => Some(diag::writers::closure_arguments(closure)),
    }
}

/// `self.get_user::entry(id)`: the method and the companion.
fn companion_behind_a_dot(start: ParseStream<'_>) -> Option<(Ident, Ident)> {
    let input = start.fork();
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.peek(Token![.]) && input.peek2(syn::Ident) && input.peek3(Token![::]) {
            let _: Token![.] = input.parse().ok()?;
            let method: Ident = input.parse().ok()?;
            let _: Token![::] = input.parse().ok()?;
            return input.parse().ok().map(|companion| (method, companion));
        }
        input.parse::<TokenTree>().ok()?;
    }
    None
}

/// The complaint about `Self::get_user::entry(id)`: a type has no types of its own.
fn companion_of_a_type(expression: &Expr) -> Option<syn::Error> {
    let Expr::Call(call) = expression else {
        return None;
    };
    let Expr::Path(ExprPath { path, qself: None, .. }) = &*call.func else {
        return None;
    };
    let segments: Vec<&Ident> = path.segments.iter().map(|segment| &segment.ident).collect();
    let [.., owner, method, companion] = segments.as_slice() else {
        return None;
    };
    let is_type = owner.to_string().starts_with(char::is_uppercase);
    let known = ["entry", "all", "one", "refresh", "uncached"].iter().any(|known| *companion == known);
    let is_method = method.unraw().to_string().starts_with(char::is_lowercase);
    (is_type && known && is_method).then(|| diag::writers::companion_of_a_method(path, method, companion))
}

/// The complaint about `get_user::entry(id).invalidate().await`, which would be done before the body.
fn done_already(expression: &Expr) -> Option<syn::Error> {
    match expression {
        Expr::Await(waiting) => done_already(&waiting.base),
        Expr::Try(tried) => done_already(&tried.expr),
        Expr::MethodCall(call) if call.args.is_empty() => match call.method.to_string().as_str() {
            "invalidate" | "bump" => Some(diag::writers::done_already(call, &handle(call))),
            "expire" => Some(diag::writers::expires(call)),
            "unwrap" | "ok" => done_already(&call.receiver),
            _ => None,
        },
        _ => None,
    }
}

/// What is to be listed: without `.blocking()`, which makes no difference.
fn handle(call: &ExprMethodCall) -> TokenStream {
    match &*call.receiver {
        Expr::MethodCall(inner) if inner.method == "blocking" && inner.args.is_empty() => {
            inner.receiver.to_token_stream()
        }
        receiver => receiver.to_token_stream(),
    }
}

/// The complaint about names, which needs the function: those that its body makes are not seen by the list.
pub(crate) fn check(expression: &Expr, func: &Func) -> Option<syn::Error> {
    if let Expr::Closure(closure) = expression {
        let name = closure.inputs.iter().flat_map(pattern::names).find(|_| returns_nothing(func));
        return name.map(|name| diag::writers::closure_over_nothing(&name, closure));
    }
    let arguments = arguments(func);
    let tokens = expression.to_token_stream();
    if binds(&tokens) {
        return None;
    }
    let made = |name: &Ident| {
        let plain = key::plain(name);
        let result = RESULTS.contains(&plain.as_str());
        !arguments.contains(&plain) && plain != "self" && (result || is_bound_by(&func.body.stream(), name))
    };
    let name = values(tokens).into_iter().find(made)?;
    Some(diag::writers::made_by_the_body(&name, expression, returns_nothing(func)))
}

/// `()`, `Result<(), E>`
fn returns_nothing(func: &Func) -> bool {
    let ReturnType::Type(_, returns) = &func.sig.output else {
        return true;
    };
    let held = match ty::peel(returns) {
        Type::Path(path) => {
            path.path.segments.last().filter(|last| last.ident == "Result").and_then(ty::first_argument)
        }
        _ => None,
    };
    ty::is_unit(held.unwrap_or(returns))
}

/// What people call what a function returns.
const RESULTS: &[&str] = &["new", "result", "res", "ret", "returned", "output", "value", "created"];

fn arguments(func: &Func) -> Vec<String> {
    let typed = func.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(pattern::names(&typed.pat)),
        FnArg::Receiver(_) => None,
    });
    typed.flatten().map(|name| key::plain(&name)).collect()
}

/// Whether an expression may bind names of its own.
fn binds(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Punct(punct) => punct.as_char() == '|',
        TokenTree::Ident(ident) => ["let", "match", "for"].iter().any(|keyword| ident == keyword),
        TokenTree::Group(group) => binds(&group.stream()),
        TokenTree::Literal(_) => false,
    })
}

/// The names that stand for a value: no path, no field, no function, no macro.
fn values(tokens: TokenStream) -> Vec<Ident> {
    let mut found = Vec::new();
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_punct = |token: Option<&TokenTree>, wanted: &[char]| matches!(token, Some(TokenTree::Punct(punct)) if wanted.contains(&punct.as_char()));
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| tokens.get(before));
        let after = tokens.get(index + 1);
        match token {
            TokenTree::Ident(name) => {
                let called = matches!(after, Some(TokenTree::Group(group)) if group.delimiter() != Delimiter::Bracket);
                if !called && !is_punct(before, &['.', ':', '\'']) && !is_punct(after, &[':', '!']) {
                    found.push(name.clone());
                }
            }
            // The text of a macro has rules of its own.
            TokenTree::Group(group) if !is_punct(before, &['!']) => found.extend(values(group.stream())),
            _ => {}
        }
    }
    found
}

/// `let name`, `let mut name`, `Some(name) =`: whether a statement binds the name.
fn is_bound_by(body: &TokenStream, name: &Ident) -> bool {
    let mut in_pattern = false;
    body.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) if ident == "let" => {
            in_pattern = true;
            false
        }
        TokenTree::Ident(ident) => in_pattern && ident == *name,
        TokenTree::Punct(punct) => {
            in_pattern &= !matches!(punct.as_char(), '=' | ';' | ':');
            false
        }
        TokenTree::Group(group) if in_pattern => values(group.stream()).contains(name),
        TokenTree::Group(group) => is_bound_by(&group.stream(), name),
        TokenTree::Literal(_) => false,
    })
}
