//! How arguments get to a body that may run more than once, or on the side: through a tuple.
//!
//! ```text
//! (self, id, name)                                    the tuple
//! repeated((self, id), |(this, id)| (again(this), again(id)))    that of a batch
//! |(this, id, name)|                                  the pattern
//! let id = keep(id); let name = own(name);            what a refresh on the side owns
//! let name = &name; let name = again(name);           for one more run
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{ReceiverKind, Type};

use crate::args::Kind;
use crate::aside::{self, Hold};
use crate::expand::handler::Handler;
use crate::expand::{About, located};
use crate::func::Mode;
use crate::paths::ends;
use crate::plan::Plan;
use crate::ty;

/// The arguments that go through the tuple.
pub(crate) struct Passage(Vec<Passed>);

struct Passed {
    /// What the function hands in: `self`, `id`.
    outer: Ident,
    /// What it is called inside.
    inner: Ident,
    hold: Hold,
    /// Where its type stands (what is behind the `&`, if there is one), for errors about it.
    at: Span,
}

impl Passage {
    /// To a sibling, which takes all arguments. The ids of a batch go their own way.
    pub(crate) fn all(plan: &Plan<'_>, about: About) -> Self {
        let this = Ident::new("this", Span::mixed_site());
        Self::of(plan, about, Some(this), &|_| true)
    }

    /// To a body inside the function, which names what it uses.
    pub(crate) fn used(plan: &Plan<'_>, this: Option<Ident>, used: &dyn Fn(&Ident) -> bool) -> Self {
        Self::of(plan, About::Call, this, used)
    }

    fn of(plan: &Plan<'_>, about: About, this: Option<Ident>, used: &dyn Fn(&Ident) -> bool) -> Self {
        let receiver = plan.args.receiver.as_ref().zip(this).map(|(receiver, inner)| {
            let at = match &receiver.kind {
                ReceiverKind::Typed(_, ty) => behind_reference(ty),
                _ => Span::mixed_site().located_at(receiver.self_token.span),
            };
            let hold = aside::hold_receiver(receiver);
            Passed { outer: Ident::from(receiver.self_token), inner, hold, at }
        });
        let list = plan.args.list.iter().enumerate().filter_map(|(index, arg)| {
            let batch = plan.args.is_batch(index);
            let passes = match arg.kind {
                _ if batch => about == About::One,
                Kind::Name => used(&arg.ident),
                Kind::Renamed | Kind::Pattern => arg.names.is_empty() || arg.names.iter().any(used),
            };
            let hold = if batch { Hold::Kept } else { aside::hold(&arg.typed.ty) };
            let (outer, inner) = (arg.ident.clone(), arg.ident.clone());
            passes.then(|| Passed { outer, inner, hold, at: behind_reference(&arg.typed.ty) })
        });
        // What a handler's response is made with.
        let making = Handler::of(plan).into_iter().flat_map(|handler| {
            let span = Span::mixed_site();
            let names = ["__making"].into_iter().chain(handler.with_request().then_some("__request"));
            names.map(move |name| {
                let name = Ident::new(name, span);
                Passed { outer: name.clone(), inner: name, hold: Hold::Kept, at: span }
            })
        });
        Self(receiver.into_iter().chain(making).chain(list).collect())
    }

    // (self, id,)
    pub(crate) fn tuple(&self) -> TokenStream {
        tuple(self.0.iter().map(|passed| passed.outer.to_token_stream()))
    }

    /// That of a batch, which can make it again: an argument that can't be cloned is an error at its type.
    // repeated((self, id), |(this, id)| (again(this), again(id)))
    pub(crate) fn repeated(&self, plan: &Plan<'_>) -> TokenStream {
        let (span, repeated) = (Span::mixed_site(), plan.paths.private("repeated"));
        let again = tuple(self.0.iter().map(|passed| passed.again(plan)));
        let (once, pattern) = (self.tuple(), self.pattern());
        quote_spanned!(span=> #repeated(#once, |#pattern| #again))
    }

    // (this, id,)
    pub(crate) fn pattern(&self) -> TokenStream {
        tuple(self.0.iter().map(|passed| passed.inner.to_token_stream()))
    }

    /// Whether the value inside is a clone of what a reference led to.
    pub(crate) fn is_cloned(&self, name: &Ident) -> bool {
        self.0.iter().any(|passed| passed.inner == *name && passed.hold == Hold::Cloned)
    }

    // let id = keep(id); let name = own(name);
    pub(crate) fn owned(&self, plan: &Plan<'_>) -> TokenStream {
        let statements = self.0.iter().map(|passed| {
            let function = match passed.hold {
                Hold::Kept => "keep",
                Hold::Cloned => "own",
            };
            let (function, inner) = (plan.paths.private_at(function, passed.at), &passed.inner);
            let value = located(inner, passed.at);
            quote_spanned!(passed.at=> let #inner = #function(#value);)
        });
        statements.collect()
    }

    /// Copies for one run of many. A blocking one borrows where the body does.
    // let id = &id; let id = again(id);
    pub(crate) fn copied(&self, plan: &Plan<'_>) -> TokenStream {
        let (span, mode) = (Span::mixed_site(), plan.func.mode());
        let copied = self.0.iter().filter(|passed| mode == Mode::Async || passed.hold == Hold::Kept);
        let statements = copied.map(|passed| {
            let (inner, again) = (&passed.inner, passed.again(plan));
            quote_spanned!(span=> let #inner = &#inner; let #inner = #again;)
        });
        statements.collect()
    }
}

impl Passed {
    // again(id)
    fn again(&self, plan: &Plan<'_>) -> TokenStream {
        let (again, value) = (plan.paths.private_at("again", self.at), located(&self.inner, self.at));
        quote_spanned!(self.at=> #again(#value))
    }
}

/// Where a type stands, for one of its tokens.
fn behind_reference(ty: &Type) -> Span {
    match ty::peel(ty) {
        Type::Reference(reference) => behind_reference(&reference.elem),
        ty => ends(ty).0,
    }
}

fn tuple(items: impl Iterator<Item = TokenStream>) -> TokenStream {
    let (span, items) = (Span::mixed_site(), items.collect::<Vec<_>>());
    match items.as_slice() {
        [only] => quote_spanned!(span=> (#only,)),
        items => quote_spanned!(span=> (#(#items),*)),
    }
}
