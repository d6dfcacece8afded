//! Every path that the output may name. All runtime paths start where `crate = ...` says, or at `::larder`.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{Path, Type};

use crate::attr::Attr;
use crate::batch;
use crate::func::Mode;

pub(crate) struct Paths {
    krate: TokenStream,
    /// Whether it is the user's: a path that leads nowhere is one error, where it stands.
    given: bool,
}

impl Paths {
    pub(crate) fn new(attr: &Attr) -> Self {
        Self::at(attr.krate.as_ref().map(|path| &path.value))
    }

    /// Below this path, if one is given.
    pub(crate) fn at(given: Option<&Path>) -> Self {
        let span = Span::mixed_site();
        let krate = given.map_or_else(|| quote_spanned!(span=> ::larder), ToTokens::to_token_stream);
        Self { krate, given: given.is_some() }
    }

    /// The path of the crate, beginning where `span` is; names keep their meaning.
    fn krate_at(&self, span: Span) -> TokenStream {
        let moved = if self.given { 1 } else { usize::MAX };
        let move_token = |(index, mut token): (usize, TokenTree)| {
            if index < moved {
                token.set_span(token.span().located_at(span));
            }
            token
        };
        self.krate.clone().into_iter().enumerate().map(move_token).collect()
    }

    /// A name of the hidden door.
    pub(crate) fn private(&self, name: &str) -> TokenStream {
        self.private_at(name, Span::mixed_site())
    }

    /// A name of the hidden door, for errors that must stand at `span`.
    pub(crate) fn private_at(&self, name: &str, span: Span) -> TokenStream {
        let krate = self.krate_at(span);
        let name = Ident::new(name, span);
        quote_spanned!(span=> #krate::__private::#name)
    }

    /// `kind!(R)`, which finds out what may be done with a value; a missing bound is reported at the type.
    pub(crate) fn kind(&self, returns: &Type) -> TokenStream {
        let (first, last) = ends(returns);
        let name = self.private_at("kind", first);
        let mut argument = Group::new(Delimiter::Parenthesis, returns.to_token_stream());
        argument.set_span(last);
        quote_spanned!(first=> #name!#argument)
    }

    /// `batch_kind!(R, Id)`, the same for what a batch would return for one id.
    pub(crate) fn batch_kind(&self, returns: &Type, id: &Type) -> TokenStream {
        let (first, last) = ends(returns);
        let name = self.private_at("batch_kind", first);
        let mut arguments = Group::new(Delimiter::Parenthesis, quote_spanned!(first=> #returns, #id));
        arguments.set_span(last);
        quote_spanned!(first=> #name!#arguments)
    }

    /// `Entry<R, impl Future>` or its blocking sister; `Entry<R>` without a loader. It stands at its first and last span.
    pub(crate) fn entry_type(
        &self,
        returns: &Type,
        loader: Option<&TokenStream>,
        mode: Mode,
        (first, last): (Span, Span),
    ) -> TokenStream {
        let (krate, loader) = (self.krate_at(first), loader.into_iter());
        let entry = match mode {
            Mode::Async => quote_spanned!(first=> #krate::Entry),
            Mode::Blocking => quote_spanned!(first=> #krate::blocking::Entry),
        };
        quote_spanned!(last=> #entry<#returns #(, #loader)*>)
    }

    /// `Option<Row>`, what a batch returns for one id; `<R as Batch>::One` where its look does not tell.
    pub(crate) fn one_of(&self, returns: &Type) -> Type {
        if let Some(one) = batch::one(returns) {
            return one;
        }
        let (first, last) = ends(returns);
        let batch = self.private_at("Batch", last);
        let (open, rest) = (quote_spanned!(first=> <), quote_spanned!(last=> as #batch>::One));
        Type::Verbatim(quote_spanned!(last=> #open #returns #rest))
    }

    pub(crate) fn group_type(&self, mode: Mode) -> TokenStream {
        let (span, krate) = (Span::mixed_site(), &self.krate);
        match mode {
            Mode::Async => quote_spanned!(span=> #krate::Group),
            Mode::Blocking => quote_spanned!(span=> #krate::blocking::Group),
        }
    }

    pub(crate) fn cache_type(&self, span: Span) -> TokenStream {
        let krate = self.krate_at(span);
        quote_spanned!(span=> #krate::Cache)
    }
}

/// The spans of the first and the last token, with our hygiene: an error that covers both covers all.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let ours = Span::mixed_site();
    let mut spans = tokens.to_token_stream().into_iter().map(|token| token.span());
    let first = spans.next().unwrap_or(ours);
    let last = spans.last().unwrap_or(first);
    (ours.located_at(first), ours.located_at(last))
}
