//! The key closure.
//!
//! ```text
//! |key| {
//!     key.text("user:");
//!     key.part(&id);
//!     key.self_type::<Self>();
//! }
//! |ids, key| { key.part(ids); }        for each id of a batch
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::Index;

use crate::args::is_reference;
use crate::expand::handler::{Handler, Key};
use crate::expand::{About, located, operand, site};
use crate::key::{Statement, Value, uses};
use crate::paths::ends;
use crate::plan::{Place, Plan};
use crate::template::Step;

pub(crate) fn closure(plan: &Plan<'_>, about: About, whose: Key) -> TokenStream {
    let span = Span::mixed_site();
    let named = |name: &_| uses(&plan.key.statements, name);
    let (id, bindings) = (id_param(plan, about, &named), bindings(plan, about, &named));
    // What follows a revision is part of it, and the headers tell entries apart.
    let (revision, parts) = match plan.key.statements.split_last() {
        Some((last @ Statement::Revision(_), parts)) => (std::slice::from_ref(last), parts),
        _ => (&[][..], &*plan.key.statements),
    };
    let mut statements = statements(plan, parts);
    statements.extend(Handler::of(plan).map(|handler| handler.headers(whose)));
    statements.extend(self::statements(plan, revision));
    let key = if statements.is_empty() { quote_spanned!(span=> _) } else { quote_spanned!(span=> __key) };
    quote_spanned!(span=> |#id #key| { #bindings #statements })
}

/// What binds the names that the statements use: patterns are taken apart, and the one id of a batch is a reference.
pub(crate) fn bindings(plan: &Plan<'_>, about: About, named: &dyn Fn(&Ident) -> bool) -> TokenStream {
    let span = Span::mixed_site();
    let mut bindings = plan.args.rebound(named);
    if let Some(ids) = plan.args.ids().filter(|ids| about == About::One && named(ids)) {
        bindings.extend(quote_spanned!(span=> let #ids = &#ids;));
    }
    bindings
}

/// `ids,` in front of the parameter of a closure that a batch calls for each id.
pub(crate) fn id_param(plan: &Plan<'_>, about: About, named: &dyn Fn(&Ident) -> bool) -> Option<TokenStream> {
    let span = Span::mixed_site();
    let ids = plan.args.ids().filter(|_| about == About::Call)?;
    Some(if named(ids) { quote_spanned!(span=> #ids,) } else { quote_spanned!(span=> _,) })
}

pub(crate) fn statements(plan: &Plan<'_>, lines: &[Statement<'_>]) -> TokenStream {
    lines.iter().map(|line| statement(plan, line)).collect()
}

fn statement(plan: &Plan<'_>, line: &Statement<'_>) -> TokenStream {
    let span = Span::mixed_site();
    match line {
        Statement::Text(text) => {
            let text = site::text(text);
            quote_spanned!(span=> __key.text(#text);)
        }
        Statement::Hole { span, value, steps } => {
            let span = Span::mixed_site().located_at(*span);
            let part = if is_id(plan, value) { "id" } else { "part" };
            let (part, value) = (Ident::new(part, span), hole(plan, value, steps, span));
            quote_spanned!(span=> __key.#part(#value);)
        }
        Statement::SelfName(at) => {
            let self_type = Ident::new("Self", *at);
            quote_spanned!(span=> __key.self_name::<#self_type>();)
        }
        Statement::Argument(index) => argument(plan, *index),
        Statement::Bound(name) if plan.args.ids() == Some(name) => {
            let span = span.located_at(name.span());
            let (key, name) = (Ident::new("__key", span), located(name, span));
            quote_spanned!(span=> #key.id_argument(#name);)
        }
        Statement::Bound(name) => {
            let span = span.located_at(name.span());
            call_arg(plan, span, span, &name.to_token_stream())
        }
        Statement::Receiver => receiver(plan, |span, value| call_arg(plan, span, span, &value)),
        Statement::Undecided(index) => undecided_argument(plan, *index),
        Statement::UndecidedBound(name) => {
            let span = span.located_at(name.span());
            undecided(plan, span, &name.to_token_stream())
        }
        Statement::UndecidedReceiver => receiver(plan, |span, value| undecided(plan, span, &value)),
        Statement::TypeName(name) => quote_spanned!(span=> __key.type_name::<#name>();),
        Statement::ArgumentType(index) => argument_type(plan, *index),
        Statement::Const(name) => quote_spanned!(span=> __key.text(":"); __key.part(&#name);),
        Statement::SelfType => {
            let self_type = self_type(plan);
            quote_spanned!(span=> __key.self_type::<#self_type>();)
        }
        Statement::Revision(expr) => {
            let (first, _) = ends(expr);
            let value = operand(expr);
            quote_spanned!(first=> __key.revision(&#value);)
        }
    }
}

/// Whether the value is one id of a batch.
fn is_id(plan: &Plan<'_>, value: &Value) -> bool {
    matches!(value, Value::Bound(name) if plan.args.ids() == Some(name))
}

/// `Self`, where the option stands that says that there is one.
pub(crate) fn self_type(plan: &Plan<'_>) -> Ident {
    let span = Span::mixed_site();
    match plan.place {
        Place::Named(entry) => Ident::new("Self", span.located_at(entry.span())),
        Place::Free | Place::Inline => Ident::new("Self", span),
    }
}

/// `&id`, `&user.id`, `&user.id()`; what a pattern binds is a reference already.
fn hole(plan: &Plan<'_>, value: &Value, steps: &[Step], span: Span) -> TokenStream {
    let (root, borrowed) = match value {
        Value::Receiver => {
            let receiver = plan.args.receiver.as_ref();
            let token = receiver.map(|receiver| Ident::from(receiver.self_token));
            (token.unwrap_or_else(|| Ident::new("self", span)), receiver.is_some_and(is_reference))
        }
        Value::Argument(name) => (name.clone(), false),
        Value::Bound(name) => (name.clone(), true),
    };
    let path = path(&root, steps, span);
    if borrowed && steps.is_empty() { path } else { quote_spanned!(span=> &#path) }
}

/// `user.id` where `span` is; its names mean what `user` means.
pub(crate) fn path(root: &Ident, steps: &[Step], span: Span) -> TokenStream {
    let mut path = located(root, span).to_token_stream();
    let names = root.span().located_at(span);
    for step in steps {
        path.extend(match step {
            Step::Field(name) => {
                let name = member(name, names);
                quote_spanned!(span=> .#name)
            }
            Step::Index(index) => {
                let index = Index { index: *index, span };
                quote_spanned!(span=> .#index)
            }
            Step::Call(name) => {
                let name = member(name, names);
                quote_spanned!(span=> .#name())
            }
        });
    }
    path
}

/// A field or a method; keywords are raw identifiers there.
pub(crate) fn member(name: &str, span: Span) -> Ident {
    let plain = name.strip_prefix("r#").unwrap_or(name);
    match syn::parse_str::<Ident>(plain) {
        Ok(_) => Ident::new(plain, span),
        Err(_) => Ident::new_raw(plain, span),
    }
}

// arg!(key, &id)
fn argument(plan: &Plan<'_>, index: usize) -> TokenStream {
    let Some(arg) = plan.args.list.get(index) else {
        return TokenStream::new();
    };
    let (first, last) = ends(&arg.typed.pat);
    let name = located(&arg.ident, last);
    call_arg(plan, first, last, &quote_spanned!(first=> &#name))
}

fn argument_type(plan: &Plan<'_>, index: usize) -> TokenStream {
    let Some(arg) = plan.args.list.get(index) else {
        return TokenStream::new();
    };
    let name = &arg.ident;
    quote_spanned!(Span::mixed_site()=> __key.type_of(&#name);)
}

fn call_arg(plan: &Plan<'_>, first: Span, last: Span, value: &TokenStream) -> TokenStream {
    let macro_name = if plan.attr.handler.is_some() { "extracted" } else { "arg" };
    let arg = plan.paths.private_at(macro_name, first);
    let key = Ident::new("__key", Span::mixed_site().located_at(first));
    quote_spanned!(last=> #arg!(#key, #value);)
}

fn undecided_argument(plan: &Plan<'_>, index: usize) -> TokenStream {
    let Some(arg) = plan.args.list.get(index) else {
        return TokenStream::new();
    };
    let (first, last) = ends(&arg.typed.pat);
    let name = located(&arg.ident, last);
    undecided(plan, first, &quote_spanned!(first=> &#name))
}

fn undecided(plan: &Plan<'_>, span: Span, value: &TokenStream) -> TokenStream {
    let function = if plan.attr.handler.is_some() { "unkeyed" } else { "undecided" };
    let undecided = plan.paths.private_at(function, span);
    quote_spanned!(span=> #undecided(#value);)
}

fn receiver(plan: &Plan<'_>, statement: impl Fn(Span, TokenStream) -> TokenStream) -> TokenStream {
    let Some(receiver) = &plan.args.receiver else {
        return TokenStream::new();
    };
    let token = receiver.self_token;
    let span = Span::mixed_site().located_at(token.span);
    let value = if is_reference(receiver) { token.to_token_stream() } else { quote_spanned!(span=> &#token) };
    statement(span, value)
}
