//! A writer: its body, and the invalidations around it.
//!
//! ```text
//! async fn rename(id: u64) -> R {
//!     let invalidations = Invalidations::new().and(step!(user::entry(id)));
//!     let output = async move { BODY }.await;
//!     if succeeded!(&output) { invalidations.run("rename").await; }
//!     output
//! }
//! ```
//!
//! A handler has succeeded if its response says so:
//!
//! ```text
//! async fn rename(Path(id): Path<u64>) -> Response {
//!     let invalidations = Invalidations::new().and(step!(user::entry(id)));
//!     let output = async move { BODY }.await;
//!     let (response, accepted) = answered(output);
//!     if accepted { invalidations.run("rename").await; }
//!     response
//! }
//! ```
//!
//! A closure is called once the body has succeeded:
//!
//! ```text
//!         let invalidations = invalidations.and_of(value!(&output), |user| step!(user::entry(user.id)));
//! ```

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Expr, ExprClosure, LitStr, ReturnType, Type};

use crate::expand::written::Writes;
use crate::func::{Func, Mode};
use crate::key;
use crate::paths::{Paths, ends};
use crate::scan;
use crate::ty;
use crate::writer::{OnError, Writer};

pub(crate) fn expand(writer: &Writer<'_>, item: &TokenStream) -> TokenStream {
    let (span, func) = (Span::mixed_site(), writer.func);
    let paths = Paths::at(writer.attr.krate.as_ref().map(|path| &path.value));
    let invalidations = paths.private("Invalidations");
    let listed = &writer.attr.expressions;
    let steps = listed.iter().filter(|listed| !matches!(listed, Expr::Closure(_))).map(|expression| {
        let step = step(&paths, expression, &expression.to_token_stream());
        quote_spanned!(span=> .and(#step))
    });
    let output = output(writer, &paths);
    let succeeded = about_output("succeeded", func, &paths);
    let of_value = listed.iter().filter_map(|listed| match listed {
        Expr::Closure(closure) => Some(of_value(closure, func, &paths)),
        _ => None,
    });
    let at = match &func.sig.output {
        ReturnType::Type(_, returns) => ends(returns).0,
        ReturnType::Default => span,
    };
    let handler =
        writer.attr.handler.as_ref().map(|given| Writes { paths: &paths, framework: given.value, key: &given.key, at });
    let end = if let Some(handler) = &handler {
        handler.end(writer, of_value)
    } else {
        let run = run(writer, &paths, None);
        quote_spanned! {span=>
            if #succeeded {
                #(let __invalidations = #of_value;)*
                #run
            }
            __output
        }
    };
    let begin = quote_spanned! {span=>
        let __invalidations = #invalidations::new() #(#steps)*;
        let __output = #output;
    };
    let mut body = Group::new(Delimiter::Brace, quote_spanned!(span=> #begin #end));
    // rustc measures and shows the function as before.
    body.set_span(func.body.span());
    let (attrs, vis) = (&func.attrs, &func.vis);
    if let Some(handler) = handler {
        let sig = handler.signature(func.sig.clone());
        return handler.with_feature(&quote_spanned!(span=> #(#attrs)* #vis #sig #body), item);
    }
    let sig = &func.sig;
    quote_spanned!(span=> #(#attrs)* #vis #sig #body)
}

/// `step!(user::entry(id))`; what can't be invalidated is reported at the expression.
fn step(paths: &Paths, expression: &Expr, value: &TokenStream) -> TokenStream {
    let (first, last) = ends(expression);
    let name = paths.private_at("step", first);
    let mut argument = Group::new(Delimiter::Parenthesis, value.clone());
    argument.set_span(last);
    quote_spanned!(first=> #name!#argument)
}

/// The body, whose `?` and `return` end it alone, and whose type is the function's.
fn output(writer: &Writer<'_>, paths: &Paths) -> TokenStream {
    let (span, func) = (Span::mixed_site(), writer.func);
    let unit = Type::Verbatim(quote_spanned!(span=> ()));
    let returns = match &func.sig.output {
        // Its type has no name.
        ReturnType::Type(_, returns) if matches!(ty::peel(returns), Type::ImplTrait(_)) => None,
        ReturnType::Type(_, returns) => Some(ty::with_holes(returns)),
        ReturnType::Default => Some(unit),
    };
    // As a block inside a block, `{ id }` would be a lint if the braces were still the user's.
    let mut inner = func.body.clone();
    inner.set_span(span.located_at(func.body.span()));
    match func.mode() {
        Mode::Async => {
            // An async block cannot state its type, but it can return a value of it.
            let pin = returns.map(|returns| {
                let (at, _) = ends(&returns);
                let none = quote_spanned!(at=> ::core::option::Option::None::<#returns>);
                quote_spanned!(at=> if let ::core::option::Option::Some(__value) = #none { return __value; })
            });
            quote_spanned!(span=> async move { #pin #inner }.await)
        }
        Mode::Blocking => {
            let body = paths.private("body");
            let returns = returns.map(|returns| quote_spanned!(span=> -> #returns));
            quote_spanned!(span=> #body(move || #returns #inner))
        }
    }
}

/// `invalidations.and_of(value!(&output), |user| step!(user::entry(user.id)))`
fn of_value(closure: &ExprClosure, func: &Func, paths: &Paths) -> TokenStream {
    let (span, value) = (Span::mixed_site(), about_output("value", func, paths));
    let body = &closure.body;
    // What is made may borrow what the body has made for it, up to the `step!`.
    let made = match &closure.output {
        ReturnType::Type(_, ty) => quote_spanned!(span=> { let __made: #ty = #body; __made }),
        ReturnType::Default if scan::mentions(&body.to_token_stream(), &Ident::new("return", span)) => {
            quote_spanned!(span=> (|| #body)())
        }
        ReturnType::Default => body.to_token_stream(),
    };
    let step = step(paths, body, &made);
    let closure = ExprClosure { output: ReturnType::Default, body: Box::new(Expr::Verbatim(step)), ..closure.clone() };
    quote_spanned!(span=> __invalidations.and_of(#value, #closure))
}

/// `succeeded!(&output)`; a type of which nobody can know is reported where it stands.
pub(crate) fn about_output(question: &str, func: &Func, paths: &Paths) -> TokenStream {
    let (first, last) = match &func.sig.output {
        ReturnType::Type(_, returns) => ends(returns),
        ReturnType::Default => (Span::mixed_site(), Span::mixed_site()),
    };
    let name = paths.private_at(question, first);
    let mut argument = Group::new(Delimiter::Parenthesis, quote_spanned!(first=> &__output));
    argument.set_span(last);
    quote_spanned!(first=> #name!#argument)
}

/// `invalidations.run("rename").await;`
pub(crate) fn run(writer: &Writer<'_>, paths: &Paths, handler: Option<&Writes<'_>>) -> TokenStream {
    let span = Span::mixed_site();
    let name = LitStr::new(&key::plain(&writer.func.sig.ident), span);
    let at = match writer.attr.on_error.as_ref().map(|on_error| &on_error.value) {
        Some(OnError::Return(at)) => span.located_at(*at),
        Some(OnError::Log) | None => {
            return match writer.func.mode() {
                Mode::Async => quote_spanned!(span=> __invalidations.run(#name).await;),
                Mode::Blocking => quote_spanned!(span=> __invalidations.run_blocking(#name);),
            };
        }
    };
    let run = match writer.func.mode() {
        Mode::Async => quote_spanned!(span=> __invalidations.try_run(#name).await),
        Mode::Blocking => quote_spanned!(span=> __invalidations.try_run_blocking(#name)),
    };
    // What the function can't return is reported at the option.
    let failed = if let Some(handler) = handler {
        handler.respond(&quote_spanned!(at=> __failing(__error)))
    } else {
        let failed = paths.private_at("failed", at);
        quote_spanned!(at=> #failed(__output, __error))
    };
    quote_spanned! {span=>
        if let ::core::result::Result::Err(__error) = #run {
            return #failed;
        }
    }
}
