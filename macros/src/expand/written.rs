//! A web handler that invalidates: its response says whether it has succeeded.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::Signature;

use crate::expand::handler;
use crate::expand::writer::{about_output, run};
use crate::handler::Framework;
use crate::paths::Paths;
use crate::writer::{OnError, Writer};

/// What generated code for a writer of a framework may name.
pub(crate) struct Writes<'a> {
    pub(crate) paths: &'a Paths,
    pub(crate) framework: Framework,
    /// Where the marker stands.
    pub(crate) key: &'a Ident,
    /// Where the type of its output stands.
    pub(crate) at: Span,
}

impl Writes<'_> {
    fn private(&self, name: &str) -> TokenStream {
        handler::door(self.paths, self.framework, name)
    }

    /// The end of the writer, behind the body's output.
    pub(crate) fn end(&self, writer: &Writer<'_>, of_value: impl Iterator<Item = TokenStream>) -> TokenStream {
        let span = Span::mixed_site();
        let failing = writer.attr.on_error.as_ref().and_then(|on_error| match &on_error.value {
            OnError::Return(at) => {
                let at = span.located_at(*at);
                let failing = self.paths.private_at("failing", at);
                Some(quote_spanned!(at=> let __failing = #failing(&__output);))
            }
            OnError::Log => None,
        });
        let (answered, run) = (self.respond(&quote_spanned!(self.at=> __output)), run(writer, self.paths, Some(self)));
        let accepted = self.private("accepted");
        // Its value is seen before the response is made of it; `Err` has none, and says that nothing was done.
        let succeeded = about_output("succeeded", writer.func, self.paths);
        quote_spanned! {span=>
            let __succeeded = #succeeded;
            #(let __invalidations = #of_value;)*
            #failing
            let __response = #answered;
            if __succeeded && #accepted(&__response) {
                #run
            }
            __response
        }
    }

    /// `answered(output)`, `answered(&request, output)`
    pub(crate) fn respond(&self, output: &TokenStream) -> TokenStream {
        let (span, answered) = (self.at, handler::door_at(self.paths, self.framework, "answered", self.at));
        match self.framework {
            Framework::Axum => quote_spanned!(span=> #answered(#output)),
            Framework::Actix => quote_spanned!(span=> #answered(&__request, #output)),
        }
    }

    /// The signature: the response can't be made of the output without the request in actix-web.
    pub(crate) fn signature(&self, sig: Signature) -> Signature {
        let response = self.private("Response");
        match self.framework {
            Framework::Axum => handler::returning(sig, response),
            Framework::Actix => {
                let packed =
                    handler::packed(sig, &Ident::new("__request", Span::mixed_site()), &self.private("Request"));
                handler::returning(packed, response)
            }
        }
    }

    /// The whole expansion, for those who have the feature.
    pub(crate) fn with_feature(&self, expanded: &TokenStream, item: &TokenStream) -> TokenStream {
        handler::with_feature(self.paths, self.framework, self.key.span(), expanded, item)
    }
}
