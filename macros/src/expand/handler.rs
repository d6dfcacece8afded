//! A web handler: its arguments and what the cache has to know of the request go in, the response comes out.
//!
//! ```text
//! async fn report((context, __arg0): (Context<report>, Path<u16>), __arg1: State<Db>) -> Response {
//!     const POLICY: &Policy = &Policy::new().browser(30);
//!     let site = report::__site();
//!     let cache = &context.current();
//!     let meta = context.meta(cache, site, POLICY);
//!     let making = meta.clone();
//!     let answer = call(site, handler()).unless(context.bypasses()).lookup(cache, |key| ..).if_found(context.is_head())
//!         .load(move || async move { made!(making, report::uncached(__arg0, __arg1).await).await }).await;
//!     respond(context, meta, answer)
//! }
//! ```
//!
//! The names begin with `__` in truth, here and wherever code is generated: an item is found by an identifier pattern whatever its hygiene is, and
//! actix-web makes one of each route's name.
//!
//! All of it is the argument of a macro of the runtime, which without the framework's feature says so and leaves the user's
//! function as it is.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{FnArg, LitStr, Pat, PatType, ReturnType, Signature, Token, Type};

use crate::args::Kind;
use crate::attr::Attr;
use crate::diag::Errors;
use crate::expand::{About, chain, companion, signature, site};
use crate::extractor;
use crate::fallback;
use crate::handler::{self, Framework};
use crate::key;
use crate::paths::{Paths, ends};
use crate::plan::{Place, Plan};
use crate::scan;
use crate::user_attrs;

/// One that has what generated code for its framework may name.
pub(crate) struct Handler<'a> {
    pub(crate) plan: &'a Plan<'a>,
    framework: Framework,
}

impl<'a> Handler<'a> {
    pub(crate) fn of(plan: &'a Plan<'a>) -> Option<Self> {
        plan.attr.framework().map(|framework| Self { plan, framework })
    }

    /// A name that the hidden door has for the framework.
    pub(crate) fn private(&self, name: &str) -> TokenStream {
        door(&self.plan.paths, self.framework, name)
    }

    /// The whole expansion, for those who have the feature.
    // with_axum! { { .. } { the function as given } }
    pub(crate) fn with_feature(&self, expanded: &TokenStream) -> TokenStream {
        let span = self.plan.attr.handler.as_ref().map_or_else(Span::mixed_site, |given| given.key.span());
        let without = fallback::function(self.plan.attr, self.plan.func, &Errors::default());
        with_feature(&self.plan.paths, self.framework, span, expanded, &without)
    }

    /// The attributes of the wrapper.
    pub(crate) fn attrs(&self) -> TokenStream {
        let span = Span::mixed_site();
        let first = self.plan.func.sig.inputs.first().and_then(|first| match first {
            FnArg::Typed(typed) => extractor::state(&typed.ty),
            FnArg::Receiver(_) => None,
        });
        // It finds the state by looking at the arguments, one of which is in a tuple now.
        let state = first.map(|state| quote_spanned!(span=> state = #state));
        user_attrs::of_handler(&self.plan.func.attrs, state.as_ref())
    }

    /// The wrapper's signature: as many arguments as before, and at least one.
    // async fn report((context, __arg0): (Context<report>, Path<u16>), __arg1: State<Db>) -> Response
    pub(crate) fn signature(&self, sig: Signature) -> Signature {
        let packed = packed(sig, &Ident::new("__context", Span::mixed_site()), &self.context_type());
        returning(packed, self.private("Response"))
    }

    /// `Context`, `Context<report>`; a method has no type beside it, so its headers are spelt in numbers.
    fn context_type(&self) -> TokenStream {
        let (span, context) = (Span::mixed_site(), self.private("Context"));
        match (self.vary(), self.plan.place) {
            ([], _) => context,
            (_, Place::Free) => {
                let name = super::same_name(&self.plan.func.sig.ident);
                quote_spanned!(span=> #context<#name>)
            }
            (names, _) => {
                let header = self.private("Header");
                let names = names.iter().map(|name| {
                    let words = words(&name.value()).map(Literal::u128_unsuffixed);
                    quote_spanned!(span=> #header<#(#words),*>)
                });
                quote_spanned!(span=> #context<(#(#names,)*)>)
            }
        }
    }

    fn vary(&self) -> &'a [LitStr] {
        self.plan.attr.vary.as_ref().map_or(&[], |vary| &vary.value)
    }

    /// `impl Vary for report { const NAMES: .. }`
    pub(crate) fn varies(&self) -> Option<TokenStream> {
        let (span, names) = (Span::mixed_site(), self.vary());
        let name = super::same_name(&self.plan.func.sig.ident);
        let (vary, presence) = (self.private("Vary"), user_attrs::presence(&self.plan.func.attrs));
        (!names.is_empty()).then(|| {
            quote_spanned! {span=>
                #presence
                impl #vary for #name {
                    const NAMES: &'static [&'static ::core::primitive::str] = &[#(#names),*];
                }
            }
        })
    }

    /// The wrapper's body around a call and its load.
    pub(crate) fn body(&self, site: &TokenStream, call: &TokenStream, load: &TokenStream) -> TokenStream {
        let span = Span::mixed_site();
        let (policy_type, policy, cache) = (self.private("Policy"), self.policy(), self.cache());
        let respond = self.private("respond");
        let bypass = self.plan.attr.unless.as_ref().map(|given| {
            let condition = chain::with_arguments(self.plan, &given.value, About::Call);
            quote_spanned!(span=> let __bypass: ::core::primitive::bool = #condition;)
        });
        let request = self.with_request().then(|| quote_spanned!(span=> let __request = __context.request();));
        let unless = bypass.as_ref().map(|_| quote_spanned!(span=> .unless(__bypass)));
        quote_spanned! {span=>
            const __POLICY: &#policy_type = &#policy;
            let __site = #site;
            let __cache = #cache;
            #bypass
            let __meta = __context.meta(__cache, __site, __POLICY) #unless;
            let __making = ::core::clone::Clone::clone(&__meta);
            #request
            let __answer = #call #load;
            #respond(__context, __meta, __answer)
        }
    }

    fn cache(&self) -> TokenStream {
        let span = Span::mixed_site();
        if self.plan.attr.cache.is_some() {
            let (cache, cache_type) = (chain::cache(self.plan), self.plan.paths.cache_type(span));
            return quote_spanned!(span=> { let __cache: &#cache_type = #cache; __cache });
        }
        quote_spanned!(span=> &__context.current())
    }

    // Policy::new().status(&[200, 404]).max_body(65536).browser(30).cdn(300).vary(&["accept-language"])
    fn policy(&self) -> TokenStream {
        let (span, attr, policy) = (Span::mixed_site(), self.plan.attr, self.private("Policy"));
        let mut chain = quote_spanned!(span=> #policy::new());
        if let Some(status) = &attr.status {
            let codes = status.value.iter().map(|code| Literal::u16_unsuffixed(*code));
            chain.extend(quote_spanned!(span=> .status(&[#(#codes),*])));
        }
        if let Some(bytes) = attr.max_body.as_ref().map(|bytes| site::grouped(bytes.value)) {
            chain.extend(quote_spanned!(span=> .max_body(#bytes)));
        }
        if let Some(seconds) = attr.browser.as_ref().map(|seconds| site::grouped(seconds.value.into())) {
            chain.extend(quote_spanned!(span=> .browser(#seconds)));
        }
        if let Some(seconds) = attr.cdn.as_ref().map(|seconds| site::grouped(seconds.value.into())) {
            chain.extend(quote_spanned!(span=> .cdn(#seconds)));
        }
        if !self.vary().is_empty() {
            let names = self.vary();
            chain.extend(quote_spanned!(span=> .vary(&[#(#names),*])));
        }
        chain
    }

    /// `made!(making, report::uncached(..).await).await`
    pub(crate) fn made(&self, output: &TokenStream) -> TokenStream {
        // What can't be a response is reported where its type stands.
        let (span, (first, last)) = (Span::mixed_site(), ends(self.plan.returns));
        let (door, made) = (self.plan.paths.private_at(self.framework.name(), first), Ident::new("made", last));
        let request = self.with_request().then(|| quote_spanned!(span=> __request,));
        let mut arguments = Group::new(Delimiter::Parenthesis, quote_spanned!(span=> __making, #request #output));
        arguments.set_span(last);
        let made = quote_spanned!(last=> #door::#made!#arguments);
        quote_spanned!(span=> async move { #made.await })
    }

    /// Whether a response is made for a request, and on the thread that the request is on.
    pub(crate) fn with_request(&self) -> bool {
        self.framework == Framework::Actix
    }

    /// What runs on the side: a future that other threads may wait for, wherever it runs.
    // { let id = keep(id); made } | aside(made)
    pub(crate) fn on_the_side(&self, owned: &TokenStream, made: &TokenStream) -> TokenStream {
        let span = Span::mixed_site();
        if self.with_request() {
            let aside = self.private("aside");
            return quote_spanned!(span=> #aside(#made));
        }
        quote_spanned!(span=> { #owned #made })
    }

    /// What the headers that the response depends on add to the key of a call.
    pub(crate) fn headers(&self, about: Key) -> TokenStream {
        let span = Span::mixed_site();
        if self.vary().is_empty() {
            return TokenStream::new();
        }
        match about {
            Key::OfCall => quote_spanned!(span=> __context.render(__key);),
            Key::OfEntry => {
                let headers = self.private("headers");
                quote_spanned!(span=> #headers(headers, __key);)
            }
        }
    }

    /// The handle of the response to requests with these values. It has no body to run, since there is no request.
    // fn entry(year: u16) -> Entry<Page> { call(site, handler()).target(cache(), |key| ..).page_entry() }
    pub(crate) fn entry(&self, name: &Ident, own_site: &TokenStream) -> TokenStream {
        let span = Span::mixed_site();
        let func = handler::of_entry(self.plan.func, &self.plan.args, self.framework);
        let Some(plan) = self.plan.of_entry(&func) else {
            return TokenStream::new();
        };
        let (mode, page) = (func.mode(), Type::Verbatim(self.private("Page")));
        let output = plan.paths.entry_type(&page, None, mode, (span, span));
        let mut sig = signature::of_entry(&func.sig, &plan.args, name.clone(), output);
        add_headers(&mut sig, plan.attr);
        let vis = signature::visibility(&func.vis);
        let doc = format!(
            " The entry that holds (or would hold) the response of `{}` to these.",
            key::plain(&func.sig.ident)
        );
        let target = chain::target(&plan, own_site);
        let bindings = references(&plan);
        quote_spanned!(span=> #[doc = #doc] #vis #sig { #bindings #target.page_entry() })
    }
}

/// A name that the hidden door has for a framework.
pub(crate) fn door(paths: &Paths, framework: Framework, name: &str) -> TokenStream {
    door_at(paths, framework, name, Span::mixed_site())
}

/// The same, for errors that must stand at `span`.
pub(crate) fn door_at(paths: &Paths, framework: Framework, name: &str, span: Span) -> TokenStream {
    let (door, name) = (paths.private_at(framework.name(), span), Ident::new(name, span));
    quote_spanned!(span=> #door::#name)
}

/// What is said of a missing feature is said of the marker.
// with_axum! { { .. } { .. } }
pub(crate) fn with_feature(
    paths: &Paths,
    framework: Framework,
    marker: Span,
    with: &TokenStream,
    without: &TokenStream,
) -> TokenStream {
    let span = Span::mixed_site();
    let at = span.located_at(marker);
    let macro_name = paths.private_at(&format!("with_{}", framework.name()), at);
    let mut both = Group::new(Delimiter::Brace, quote_spanned!(span=> { #with } { #without }));
    both.set_span(at);
    quote_spanned!(at=> #macro_name! #both)
}

/// With one more extractor, in a tuple with the first so that there are as many arguments as before.
// fn report((context, __arg0): (Context, Path<u16>), ..)
pub(crate) fn packed(mut sig: Signature, name: &Ident, extractor: &TokenStream) -> Signature {
    let span = Span::mixed_site();
    let mut typed = sig.inputs.iter_mut().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    match typed.next() {
        Some(PatType { pat, ty, .. }) => {
            **pat = Pat::Verbatim(quote_spanned!(span=> (#name, #pat)));
            **ty = Type::Verbatim(quote_spanned!(span=> (#extractor, #ty)));
        }
        None => sig.inputs.push(argument(name.to_token_stream(), extractor.clone())),
    }
    sig
}

pub(crate) fn returning(mut sig: Signature, output: TokenStream) -> Signature {
    sig.output = ReturnType::Type(Token![->](Span::mixed_site()), Box::new(Type::Verbatim(output)));
    sig
}

/// The last argument of an entry function: the values of the headers that the response depends on.
// headers: [Option<&str>; 1]
pub(crate) fn add_headers(sig: &mut Signature, attr: &Attr) {
    let Some(vary) = &attr.vary else {
        return;
    };
    let (span, count) = (Span::mixed_site(), Literal::usize_unsuffixed(vary.value.len()));
    let name = Ident::new("headers", span).to_token_stream();
    let values = quote_spanned!(span=> [::core::option::Option<&::core::primitive::str>; #count]);
    sig.inputs.push(argument(name, values));
}

fn argument(name: TokenStream, ty: TokenStream) -> FnArg {
    FnArg::Typed(PatType {
        attrs: Vec::new(),
        pat: Box::new(Pat::Verbatim(name)),
        colon_token: Token![:](Span::mixed_site()),
        ty: Box::new(Type::Verbatim(ty)),
    })
}

/// What a pattern of the handler binds, its expressions see by reference, and here as well.
// let app = &app;
fn references(plan: &Plan<'_>) -> TokenStream {
    let span = Span::mixed_site();
    let expressions = [&plan.attr.cache, &plan.attr.revision].into_iter().flatten();
    let expressions: TokenStream = expressions.map(|given| given.value.to_token_stream()).collect();
    let names = plan.args.list.iter().filter(|arg| arg.kind == Kind::Name).map(|arg| &arg.ident);
    let seen = names.filter(|name| scan::mentions(&expressions, name));
    seen.map(|name| quote_spanned!(span=> let #name = &#name;)).collect()
}

/// Whose key is rendered.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Key {
    OfCall,
    OfEntry,
}

/// The name of a header in four numbers, sixteen bytes each.
fn words(name: &str) -> [u128; 4] {
    [0, 1, 2, 3].map(|word| {
        let sixteen = name.bytes().skip(word * 16).take(16).enumerate();
        sixteen.fold(0, |number, (place, byte)| number | u128::from(byte) << (8 * place))
    })
}

/// The companion by which an entry is reached.
pub(crate) fn entry_of_free(handler: &Handler<'_>) -> TokenStream {
    let span = Span::mixed_site();
    handler.entry(&companion("entry", &handler.plan.func.sig.ident), &quote_spanned!(span=> Self::__site()))
}

/// The call of the wrapper, up to the load.
pub(crate) fn lookup(plan: &Plan<'_>) -> TokenStream {
    let span = Span::mixed_site();
    chain::lookup(plan, &quote_spanned!(span=> __site), About::Call)
}
