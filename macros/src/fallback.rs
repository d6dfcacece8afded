//! The errors, and the user's code as given, so that neither the IDE goes dark nor callers raise errors of their own.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::{ReturnType, Safety, Signature, Type};

use crate::args::{Arg, Args, is_reference};
use crate::attr::Attr;
use crate::batch;
use crate::diag::Errors;
use crate::expand::handler::add_headers;
use crate::expand::{companion, same_name, signature};
use crate::func::{Func, Mode};
use crate::handler;
use crate::paths::Paths;
use crate::plan::Place;
use crate::ty::{self, Unkeepable};
use crate::user_attrs;

/// An item that is no function: as given.
pub(crate) fn item(item: &TokenStream, errors: &Errors) -> TokenStream {
    let span = Span::mixed_site();
    quote_spanned!(span=> #item #errors)
}

/// A writer, whose arguments are perhaps used by what is wrong.
pub(crate) fn writer(writer: &TokenStream, errors: &Errors) -> TokenStream {
    let span = Span::mixed_site();
    let allow = (!errors.is_empty()).then(|| quote_spanned!(span=> #[allow(unused_variables)]));
    quote_spanned!(span=> #allow #writer #errors)
}

/// A function: as given, with companions that have the right signatures and do nothing.
pub(crate) fn function(attr: &Attr, func: &Func, errors: &Errors) -> TokenStream {
    let span = Span::mixed_site();
    let place = Place::of(attr, func);
    let args = Args::new(func, attr);
    // The entry of a handler takes what is in its extractors.
    let of_entry = attr.framework().map(|framework| handler::of_entry(func, &args, framework));
    let entry_args = of_entry.as_ref().map(|of_entry| Args::new(of_entry, attr));
    let stubs = Stubs { attr, func, args, entry_args, paths: Paths::new(attr) };
    let companions = match place {
        Place::Free => stubs.free(),
        Place::Named(name) if *name != func.sig.ident => stubs.beside_method(name),
        Place::Named(_) | Place::Inline => TokenStream::new(),
    };
    let Func { vis, body, .. } = func;
    let sig = as_given(func);
    // A second `#[cached]` would only repeat the error.
    let attrs = func.attrs.iter().filter(|attr| attr.path().segments.last().is_none_or(|last| last.ident != "cached"));
    quote_spanned!(span=> #(#attrs)* #vis #sig #body #companions #errors)
}

struct Stubs<'a> {
    attr: &'a Attr,
    func: &'a Func,
    args: Args,
    entry_args: Option<Args>,
    paths: Paths,
}

impl Stubs<'_> {
    fn free(&self) -> TokenStream {
        let span = Span::mixed_site();
        let name = same_name(&self.func.sig.ident);
        let vis = signature::visibility(&self.func.vis);
        let presence = user_attrs::presence(&self.func.attrs);
        let entry = self.entry(companion("entry", &self.func.sig.ident));
        let refresh = (self.attr.handler.is_none() && self.args.has_refresh()).then(|| self.calling("refresh"));
        let one = self.args.batch.as_ref().map(|_| self.one());
        let members = [Some(entry), one, refresh, Some(self.calling("uncached")), Some(self.all())];
        let members = members.iter().flatten();
        let own_type = (!user_attrs::makes_a_type(self.attr, &self.func.attrs)).then(|| {
            quote_spanned! {span=>
                #presence
                #[doc(hidden)]
                #vis enum #name {}
            }
        });
        quote_spanned! {span=>
            #own_type
            #presence
            impl #name {
                #(#[doc(hidden)] #members)*
            }
        }
    }

    fn beside_method(&self, name: &Ident) -> TokenStream {
        let span = Span::mixed_site();
        let presence = user_attrs::presence(&self.func.attrs);
        let entry = self.entry(name.clone());
        quote_spanned!(span=> #presence #[doc(hidden)] #entry)
    }

    fn entry(&self, name: Ident) -> TokenStream {
        let span = Span::mixed_site();
        let vis = signature::visibility(&self.func.vis);
        let returns = self.value();
        let returns = &returns;
        let loader = match self.func.mode() {
            Mode::Async => quote_spanned!(span=> ::core::future::Ready<#returns>),
            Mode::Blocking => quote_spanned!(span=> fn() -> #returns),
        };
        let args = self.entry_args.as_ref().unwrap_or(&self.args);
        let loader = (self.attr.handler.is_none() && args.all_in_entry()).then_some(&loader);
        let output = self.paths.entry_type(returns, loader, self.func.mode(), (span, span));
        let mut sig = plain(signature::of_entry(&self.func.sig, args, name, output));
        let headers = self.attr.handler.as_ref().zip(self.attr.vary.as_ref()).map(|_| Ident::new("headers", span));
        if headers.is_some() {
            add_headers(&mut sig, self.attr);
        }
        let args = args.list.iter().filter(|arg| arg.in_entry).map(|arg| &arg.ident).chain(&headers);
        quote_spanned!(span=> #vis #sig { #(let _ = #args;)* loop {} })
    }

    fn one(&self) -> TokenStream {
        let (span, sig) = (Span::mixed_site(), &self.func.sig);
        let vis = signature::visibility(&self.func.vis);
        let name = companion("one", &sig.ident);
        let mut one = plain(signature::of_one(sig, &self.args, name, self.value().to_token_stream()));
        one.asyncness = sig.asyncness;
        let args = self.args.list.iter().map(|arg| &arg.ident);
        quote_spanned!(span=> #vis #one { #(let _ = #args;)* loop {} })
    }

    /// What an entry holds; nothing if no type can be kept.
    fn value(&self) -> Type {
        match &self.func.sig.output {
            ReturnType::Type(_, returns)
                if self.attr.handler.is_none() && !ty::is_opaque(returns) && !ty::is_never(returns) =>
            {
                let kept = Type::Verbatim(ty::with_static(returns.to_token_stream()));
                let one = self.args.batch.is_some() && !ty::is_unit(returns) && batch::no_map(self.func).is_none();
                if one { self.paths.one_of(&kept) } else { kept }
            }
            _ => Type::Verbatim(quote_spanned!(Span::mixed_site()=> ())),
        }
    }

    /// Calls the function, which is the way to a value of any type that it returns.
    fn calling(&self, companion_name: &str) -> TokenStream {
        let span = Span::mixed_site();
        let vis = signature::visibility(&self.func.vis);
        let companion = companion(companion_name, &self.func.sig.ident);
        let mut sig = plain(signature::of_companion(&as_given(self.func), &self.args, companion));
        sig.asyncness = self.func.sig.asyncness;
        let (generics, args) = (signature::turbofish(&self.func.sig.generics), self.args.forwarded());
        let name = &self.func.sig.ident;
        let wait = sig.asyncness.map(|_| quote_spanned!(span=> .await));
        let body = if self.can_call() {
            quote_spanned!(span=> #name #generics(#args) #wait)
        } else {
            let unused = self.args.list.iter().map(|arg| &arg.ident);
            quote_spanned!(span=> #(let _ = #unused;)* loop {})
        };
        quote_spanned!(span=> #vis #sig { #body })
    }

    /// Not if it is unsafe, if an argument hides it, or if some arguments may be missing.
    fn can_call(&self) -> bool {
        let unsafe_function = matches!(self.func.sig.safety, Safety::Unsafe(_));
        let hidden = self.args.list.iter().any(|arg| arg.ident == self.func.sig.ident);
        let conditional = self.args.list.iter().any(Arg::is_conditional);
        // A route makes a service of the function, which can't be called.
        let service = user_attrs::makes_a_type(self.attr, &self.func.attrs);
        !unsafe_function && !hidden && !conditional && !service
    }

    fn all(&self) -> TokenStream {
        let span = Span::mixed_site();
        let vis = signature::visibility(&self.func.vis);
        let name = companion("all", &self.func.sig.ident);
        let cache = self.attr.cache.as_ref();
        let needs_cache = cache.is_some_and(|cache| self.args.mentioned_in(&cache.value.to_token_stream()));
        let param = needs_cache.then(|| {
            let cache = self.paths.cache_type(span);
            quote_spanned!(span=> _: &#cache)
        });
        let group = self.paths.group_type(self.func.mode());
        quote_spanned!(span=> #vis fn #name(#param) -> #group { loop {} })
    }
}

/// The signature. A returned reference that can borrow from no argument is one error, not two.
fn as_given(func: &Func) -> Signature {
    let mut sig = func.sig.clone();
    let receiver = sig.receiver().is_some_and(is_reference);
    let lifetimes: usize = sig.inputs.iter().map(|input| ty::lifetimes(&input.to_token_stream())).sum();
    if let ReturnType::Type(_, returns) = &mut sig.output
        && lifetimes != 1
        && !receiver
        && matches!(ty::unkeepable(returns), Some(Unkeepable::Borrowed(_)))
    {
        **returns = Type::Verbatim(ty::with_static(returns.to_token_stream()));
    }
    sig
}

/// Without what a companion cannot have.
fn plain(mut sig: Signature) -> Signature {
    sig.constness = None;
    sig.safety = Safety::Default;
    sig.abi = None;
    sig.variadic = None;
    sig
}
