//! Web handlers: whose they are, what their signatures can be, and which of their arguments an entry is known by.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::{FnArg, ReturnType, Token, Type};

use crate::args::{Args, needed_by_entry};
use crate::attr::Attr;
use crate::diag::{self, Errors};
use crate::extractor;
use crate::func::Func;
use crate::key;
use crate::ty::{self, Unkeepable};

/// Whose handler it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Framework {
    Axum,
    Actix,
}

impl Framework {
    /// The option, and the module of the hidden door.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Axum => "axum",
            Self::Actix => "actix",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Axum => "axum",
            Self::Actix => "actix-web",
        }
    }

    /// How many arguments its handlers have at most.
    fn most_arguments(self) -> usize {
        match self {
            Self::Axum => 16,
            Self::Actix => 12,
        }
    }
}

impl Attr {
    pub(crate) fn framework(&self) -> Option<Framework> {
        self.handler.as_ref().map(|given| given.value)
    }
}

/// A handler may return nothing: that is a response, too.
pub(crate) fn name_the_output(func: &mut Func, attr: &Attr) {
    if attr.handler.is_some() && matches!(func.sig.output, ReturnType::Default) {
        let span = Span::mixed_site();
        let unit = Type::Verbatim(quote_spanned!(span=> ()));
        func.sig.output = ReturnType::Type(Token![->](span), Box::new(unit));
    }
}

/// The marker against the other options and the signature.
pub(crate) fn check(attr: &Attr, func: &Func, args: &Args, errors: &mut Errors) {
    let Some(framework) = attr.framework() else {
        options_of_handlers(attr, errors);
        return;
    };
    other_options(attr, errors);
    can_be_one(func, errors);
    if let Some(beyond) = args.list.get(framework.most_arguments()) {
        errors.push(diag::handlers::too_many_extractors(&beyond.typed, framework, framework.most_arguments()));
    }
    let documented = func.attrs.iter().find(|attr| {
        let path = attr.path();
        path.segments.len() > 1
            && path.segments.first().is_some_and(|first| first.ident == "utoipa")
            && path.segments.last().is_some_and(|last| last.ident == "path")
    });
    if let Some(documented) = documented {
        errors.push(diag::handlers::sees_another_signature(documented));
    }
}

/// What every handler is, whatever it does.
pub(crate) fn can_be_one(func: &Func, errors: &mut Errors) {
    if let Some(receiver) = func.sig.receiver() {
        errors.push(diag::handlers::receiver(receiver));
    }
    if func.sig.asyncness.is_none() {
        errors.push(diag::handlers::not_async(func.sig.fn_token));
    }
}

/// Options that mean something for responses alone.
fn options_of_handlers(attr: &Attr, errors: &mut Errors) {
    let keys = [
        attr.vary.as_ref().map(|given| &given.key),
        attr.status.as_ref().map(|given| &given.key),
        attr.max_body.as_ref().map(|given| &given.key),
        attr.browser.as_ref().map(|given| &given.key),
        attr.cdn.as_ref().map(|given| &given.key),
    ];
    keys.into_iter().flatten().for_each(|key| errors.push(diag::handlers::only_for_handlers(key)));
}

/// Options that mean nothing for them.
fn other_options(attr: &Attr, errors: &mut Errors) {
    if let Some(batch) = &attr.batch {
        errors.push(diag::handlers::batch_of_a_handler(&batch.key));
    }
    if let Some(none) = &attr.cache_none {
        errors.push(diag::handlers::nothing_of_a_handler(&none.key));
    }
    if let Some(err) = &attr.cache_err {
        errors.push(diag::handlers::error_of_a_handler(&err.key));
    }
    if let Some(codec) = &attr.codec {
        errors.push(diag::handlers::codec_of_a_handler(&codec.key));
    }
}

/// What makes an unmarked function look like a handler, as far as names tell.
pub(crate) fn unmarked(attr: &Attr, func: &Func) -> Option<syn::Error> {
    if attr.handler.is_some() || attr.left_unread("axum") || attr.left_unread("actix") {
        return None;
    }
    let (ty, framework) = looks(func)?;
    Some(diag::handlers::looks_like_a_handler(ty, framework))
}

/// The type by which a function looks like a handler, and of which framework.
pub(crate) fn looks(func: &Func) -> Option<(TokenStream, Framework)> {
    if let ReturnType::Type(_, returns) = &func.sig.output
        && let Some(Unkeepable::Opaque(opaque)) = ty::unkeepable(returns)
        && let Some(framework) = ty::response_of(opaque)
    {
        return Some((opaque.to_token_stream(), framework));
    }
    func.sig.asyncness?;
    let responds = matches!(&func.sig.output, ReturnType::Type(_, returns) if ty::names_a_response(returns));
    func.sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(typed) => Some((typed.ty.to_token_stream(), extractor::framework_of(typed, responds)?)),
        FnArg::Receiver(_) => None,
    })
}

/// Whether an entry of a handler is known by the argument: `names` are those that it binds, and `relevant` those of them that
/// `ignore` does not list.
pub(crate) fn in_entry(attr: &Attr, ty: &Type, names: &[Ident], relevant: &[Ident]) -> bool {
    let keyed = match &attr.key {
        Some(template) => {
            let roots = key::roots(&template.value);
            names.iter().any(|name| roots.contains(&key::plain(name)))
        }
        None => !relevant.is_empty() && !extractor::is_state(ty),
    };
    keyed || names.iter().any(|name| needed_by_entry(attr, name))
}

/// What the entry function is made from: the arguments that an entry is known by, out of their extractors.
pub(crate) fn of_entry(func: &Func, args: &Args, framework: Framework) -> Func {
    let kept = args.list.iter().filter(|arg| arg.in_entry);
    let inputs = kept.map(|arg| FnArg::Typed(extractor::inner(&arg.typed, framework))).collect();
    let sig = syn::Signature { inputs, ..func.sig.clone() };
    Func { attrs: func.attrs.clone(), vis: func.vis.clone(), sig, body: func.body.clone() }
}
