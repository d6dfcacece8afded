//! The tags of an entry.
//!
//! ```text
//! .tagged(|tags| { tags.add(|key| { key.text("team:"); key.part(&team_id); }); })
//! ```

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use crate::expand::{About, key};
use crate::key::uses;
use crate::plan::Plan;

/// Nothing if there are no tags.
pub(crate) fn tagged(plan: &Plan<'_>, about: About) -> TokenStream {
    let span = Span::mixed_site();
    if plan.tags.is_empty() {
        return TokenStream::new();
    }
    let named = |name: &_| plan.tags.iter().any(|tag| uses(tag, name));
    let bindings = key::bindings(plan, about, &named);
    let id = key::id_param(plan, about, &named);
    let tags = plan.tags.iter().map(|tag| {
        let statements = key::statements(plan, tag);
        quote_spanned!(span=> __tags.add(|__key| { #statements });)
    });
    quote_spanned!(span=> .tagged(|#id __tags| { #bindings #(#tags)* }))
}
