//! The parameters of the function, told apart by what the generated code has to do with them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::ext::IdentExt as _;
use syn::{FnArg, Pat, PatIdent, PatType, Receiver, ReceiverKind};

use crate::attr::Attr;
use crate::batch::Batch;
use crate::extractor;
use crate::func::Func;
use crate::handler;
use crate::key;
use crate::nearest;
use crate::pattern;
use crate::scan;
use crate::tags;
use crate::ty;
use crate::user_attrs;

/// A parameter other than `self`.
pub(crate) struct Arg {
    /// As written; the body sees this pattern.
    pub(crate) typed: PatType,
    pub(crate) kind: Kind,
    /// What the generated code calls the argument.
    pub(crate) ident: Ident,
    /// The names that the pattern binds.
    pub(crate) names: Vec<Ident>,
    /// Those of them that `ignore` does not list.
    pub(crate) relevant: Vec<Ident>,
    /// It is the state of a handler's program, which is the same for every request.
    pub(crate) is_state: bool,
    /// Whether the entry function takes it: not if `ignore` lists it and neither the cache, the
    /// revision nor a tag needs it.
    pub(crate) in_entry: bool,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// `id`, `mut id`
    Name,
    /// `_pool`, which the generated code must not be seen to use: the name is ours, spelt the same
    Renamed,
    /// `Path(id)`, `(a, b)`, `ref id`, `_`
    Pattern,
}

pub(crate) struct Args {
    pub(crate) receiver: Option<Receiver>,
    pub(crate) receiver_ignored: bool,
    pub(crate) list: Vec<Arg>,
    /// The slice of ids, if the function is a batch.
    pub(crate) batch: Option<Batch>,
    /// The names that the key or an expression of the attribute mentions.
    used_by_attr: Vec<Ident>,
}

impl Args {
    pub(crate) fn new(func: &Func, attr: &Attr) -> Self {
        let ignored = ignored(func, attr);
        let mut args =
            Self { receiver: None, receiver_ignored: false, list: Vec::new(), batch: None, used_by_attr: Vec::new() };
        for input in &func.sig.inputs {
            match input {
                FnArg::Receiver(receiver) => {
                    args.receiver = Some(receiver.clone());
                    args.receiver_ignored = ignored.iter().any(|name| name == "self");
                }
                FnArg::Typed(typed) => {
                    let names = pattern::names(&typed.pat);
                    let (kind, ident) = called(&typed.pat, args.list.len(), func, attr);
                    let relevant: Vec<_> = names.iter().filter(|name| !ignored.contains(name)).cloned().collect();
                    let listed = relevant.is_empty() && !names.is_empty();
                    let in_entry = match attr.handler {
                        Some(_) => handler::in_entry(attr, &typed.ty, &names, &relevant),
                        None => !listed || names.iter().any(|name| needed_by_entry(attr, name)),
                    };
                    let is_state = attr.handler.is_some() && extractor::is_state(&typed.ty);
                    args.list.push(Arg { typed: typed.clone(), kind, ident, names, relevant, is_state, in_entry });
                }
            }
        }
        args.used_by_attr = used_by_attr(&args, attr);
        args.batch = attr.batch.as_ref().and_then(|_| Batch::find(&args.list, func, attr));
        args
    }

    /// Whether the argument at this place of the list is the slice of ids.
    pub(crate) fn is_batch(&self, index: usize) -> bool {
        self.batch.as_ref().is_some_and(|batch| batch.index == index)
    }

    /// The name of the slice of ids.
    pub(crate) fn ids(&self) -> Option<&Ident> {
        self.list.get(self.batch.as_ref()?.index).map(|arg| &arg.ident)
    }

    /// The names a user may write in `key` and `ignore`.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        let receiver = self.receiver.iter().map(|_| "self".to_owned());
        receiver.chain(self.list.iter().flat_map(|arg| &arg.names).map(|name| name.unraw().to_string()))
    }

    /// The argument that binds the name, its place in the list, and the name as written there.
    pub(crate) fn find(&self, name: &str) -> Option<(usize, &Arg, &Ident)> {
        self.list
            .iter()
            .enumerate()
            .flat_map(|(index, arg)| arg.names.iter().map(move |name| (index, arg, name)))
            .find(|(_, _, bound)| bound.unraw() == name)
    }

    /// Whether the tokens mention `self` or a name that an argument binds.
    pub(crate) fn mentioned_in(&self, tokens: &TokenStream) -> bool {
        let receiver = self.receiver.iter().map(|receiver| Ident::from(receiver.self_token));
        receiver
            .chain(self.list.iter().flat_map(|arg| arg.names.iter().cloned()))
            .any(|name| scan::mentions(tokens, &name))
    }

    /// The arguments as a call passes them on, `self` first.
    pub(crate) fn forwarded(&self) -> TokenStream {
        let span = Span::mixed_site();
        let receiver = self.receiver.iter().map(|receiver| receiver.self_token.to_token_stream());
        let all = receiver.chain(self.list.iter().map(|arg| arg.ident.to_token_stream()));
        quote_spanned!(span=> #(#all),*)
    }

    /// Whether the entry function takes every argument, so that its handle can run the body.
    pub(crate) fn all_in_entry(&self) -> bool {
        self.list.iter().all(|arg| arg.in_entry)
    }

    /// Whether there is a `refresh` of the whole call beside the entry: where the handle has none, and of a batch, whose
    /// handle is that of one id.
    pub(crate) fn has_refresh(&self) -> bool {
        !self.all_in_entry() || self.batch.is_some()
    }

    /// The pattern of the item that holds the body: a name that only the attribute uses is not unused there.
    pub(crate) fn in_body(&self, arg: &Arg, body: &TokenStream) -> Pat {
        let idle = |name: &Ident| self.used_by_attr.contains(name) && !scan::mentions(body, name);
        match &*arg.typed.pat {
            Pat::Ident(binding) if arg.kind == Kind::Name && idle(&binding.ident) => {
                let name = format_ident!("_{}", binding.ident.unraw(), span = Span::mixed_site());
                Pat::Ident(PatIdent { mutability: None, ident: name, ..binding.clone() })
            }
            pat => pattern::without(pat, &idle),
        }
    }

    /// `let Path(id) = &arg;` for each pattern that binds a name in use.
    pub(crate) fn rebound(&self, in_use: &dyn Fn(&Ident) -> bool) -> TokenStream {
        let patterns = self.list.iter().filter(|arg| arg.kind == Kind::Pattern);
        patterns.map(|arg| pattern::rebind(&arg.typed.pat, &arg.ident, in_use)).collect()
    }
}

impl Arg {
    /// Whether the result does not depend on the argument: `ignore` lists it, or the body can't see it (`_`).
    pub(crate) fn is_ignored(&self) -> bool {
        self.relevant.is_empty()
    }

    /// Whether it may be missing, by `cfg`.
    pub(crate) fn is_conditional(&self) -> bool {
        self.typed.attrs.iter().any(user_attrs::is_condition)
    }
}

/// The names in `ignore`. One that is no argument is a mistake; until it is mended it stands for its nearest.
fn ignored(func: &Func, attr: &Attr) -> Vec<Ident> {
    let typed = func.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(pattern::names(&typed.pat)),
        FnArg::Receiver(_) => None,
    });
    let names: Vec<_> = typed.flatten().collect();
    let spelt: Vec<_> = names.iter().map(key::plain).collect();
    let listed = attr.ignore.iter().flat_map(|ignore| &ignore.value);
    let meant = listed.map(|listed| {
        let near = nearest::of(&key::plain(listed), spelt.iter().map(String::as_str));
        let known = listed == "self" || names.contains(listed);
        names.iter().find(|name| !known && near.is_some_and(|near| name.unraw() == near)).unwrap_or(listed)
    });
    meant.cloned().collect()
}

/// Whether one of the expressions that the entry function evaluates mentions the name, or a tag of what it puts.
pub(crate) fn needed_by_entry(attr: &Attr, name: &Ident) -> bool {
    let mut evaluated = [&attr.cache, &attr.revision].into_iter().flatten();
    evaluated.any(|given| scan::mentions(&given.value.to_token_stream(), name))
        || tags::roots(attr).contains(&key::plain(name))
}

fn used_by_attr(args: &Args, attr: &Attr) -> Vec<Ident> {
    let mut roots = attr.key.as_ref().map(|key| key::roots(&key.value)).unwrap_or_default();
    roots.extend(tags::roots(attr));
    let expressions: Vec<_> = attr.expressions().map(ToTokens::to_token_stream).collect();
    let names = args.list.iter().flat_map(|arg| &arg.names);
    let used = names.filter(|name| {
        roots.contains(&key::plain(name)) || expressions.iter().any(|tokens| scan::mentions(tokens, name))
    });
    used.cloned().collect()
}

/// What the generated code calls an argument.
fn called(pat: &Pat, index: usize, func: &Func, attr: &Attr) -> (Kind, Ident) {
    match pat {
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
            let ident = &name.ident;
            let mentioned = attr.expressions().any(|expr| scan::mentions(&expr.to_token_stream(), ident));
            // In the eyes of clippy, passing `_pool` on is a use of it.
            if ident.to_string().starts_with('_') && !mentioned {
                let span = Span::mixed_site().located_at(ident.span());
                return (Kind::Renamed, Ident::new(&ident.to_string(), span));
            }
            (Kind::Name, ident.clone())
        }
        _ => (Kind::Pattern, own_name(index, func)),
    }
}

/// `__arg0`, or with more underscores if the user has an argument of that name.
fn own_name(index: usize, func: &Func) -> Ident {
    let inputs = func.sig.inputs.to_token_stream();
    let mut name = format_ident!("__arg{}", index, span = Span::mixed_site());
    while scan::mentions(&inputs, &name) {
        name = format_ident!("{}_", name);
    }
    name
}

/// Whether `self` is a reference already.
pub(crate) fn is_reference(receiver: &Receiver) -> bool {
    matches!(receiver.kind, ReceiverKind::Reference(..))
}

/// Whether changes can be made through `self`.
pub(crate) fn is_mutable(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
        ReceiverKind::Typed(_, ty) => ty::mutable_reference(ty).is_some(),
        _ => false,
    }
}
