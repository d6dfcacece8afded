//! Argument patterns: the names they bind, and the pattern that binds the same names by reference.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::{Pat, PatIdent, PatWild, Token};

/// The names that a pattern binds, from left to right.
pub(crate) fn names(pat: &Pat) -> Vec<Ident> {
    let mut names = Vec::new();
    collect(pat, &mut names);
    names
}

fn collect(pat: &Pat, names: &mut Vec<Ident>) {
    if let Pat::Ident(binding) = pat {
        names.push(binding.ident.clone());
    }
    children(pat, &mut |child| collect(child, names));
}

/// Whether a name stands for what others in it stand for: `whole @ Page { number, .. }`.
pub(crate) fn has_subpattern(pat: &Pat) -> bool {
    let mut found = matches!(pat, Pat::Ident(binding) if binding.subpat.is_some());
    children(pat, &mut |child| found |= has_subpattern(child));
    found
}

/// `let Path(id) = &arg;` for the names in use; nothing if there are none.
///
/// Every name is bound by reference. Patterns with `&` inside say so by `ref`, the others by their default binding mode.
pub(crate) fn rebind(pat: &Pat, arg: &Ident, in_use: &dyn Fn(&Ident) -> bool) -> TokenStream {
    if !names(pat).iter().any(in_use) {
        return TokenStream::new();
    }
    let explicit = has_reference(pat);
    let mut pat = pat.clone();
    by_reference(&mut pat, explicit, in_use);
    let span = Span::mixed_site();
    let value = if explicit { arg.to_token_stream() } else { quote_spanned!(span=> &#arg) };
    quote_spanned!(span=> let #pat = #value;)
}

/// The pattern with `_` for some of the names.
pub(crate) fn without(pat: &Pat, hidden: &dyn Fn(&Ident) -> bool) -> Pat {
    let mut pat = pat.clone();
    hide(&mut pat, hidden);
    pat
}

fn hide(pat: &mut Pat, hidden: &dyn Fn(&Ident) -> bool) {
    if let Pat::Ident(binding) = pat
        && binding.subpat.is_none()
        && hidden(&binding.ident)
    {
        *pat = wild(binding.ident.span());
        return;
    }
    children_mut(pat, &mut |child| hide(child, hidden));
}

fn by_reference(pat: &mut Pat, explicit: bool, in_use: &dyn Fn(&Ident) -> bool) {
    if let Pat::Ident(binding) = pat {
        if binding.subpat.is_none() && !in_use(&binding.ident) {
            *pat = wild(binding.ident.span());
            return;
        }
        by_reference_binding(binding, explicit);
    }
    if let Pat::Reference(reference) = pat {
        // Our `ref` behind the user's `&` would be a lint about his code.
        reference.and_token.spans = reference.and_token.spans.map(|span| Span::mixed_site().located_at(span));
    }
    children_mut(pat, &mut |child| by_reference(child, explicit, in_use));
}

fn by_reference_binding(binding: &mut PatIdent, explicit: bool) {
    binding.mutability = None;
    binding.by_ref = explicit.then(|| Token![ref](Span::mixed_site()));
}

fn wild(span: Span) -> Pat {
    Pat::Wild(PatWild { attrs: Vec::new(), underscore_token: Token![_](span) })
}

fn has_reference(pat: &Pat) -> bool {
    let mut found = matches!(pat, Pat::Reference(_));
    children(pat, &mut |child| found |= has_reference(child));
    found
}

fn children(pat: &Pat, visit: &mut dyn FnMut(&Pat)) {
    match pat {
        Pat::Ident(pat) => pat.subpat.iter().for_each(|(_, pat)| visit(pat)),
        Pat::Or(pat) => pat.cases.iter().for_each(visit),
        Pat::Paren(pat) => visit(&pat.pat),
        Pat::Reference(pat) => visit(&pat.pat),
        Pat::Slice(pat) => pat.elems.iter().for_each(visit),
        Pat::Struct(pat) => pat.fields.iter().for_each(|field| visit(&field.pat)),
        Pat::Tuple(pat) => pat.elems.iter().for_each(visit),
        Pat::TupleStruct(pat) => pat.elems.iter().for_each(visit),
        Pat::Type(pat) => visit(&pat.pat),
        _ => {}
    }
}

fn children_mut(pat: &mut Pat, visit: &mut dyn FnMut(&mut Pat)) {
    match pat {
        Pat::Ident(pat) => pat.subpat.iter_mut().for_each(|(_, pat)| visit(pat)),
        Pat::Or(pat) => pat.cases.iter_mut().for_each(visit),
        Pat::Paren(pat) => visit(&mut pat.pat),
        Pat::Reference(pat) => visit(&mut pat.pat),
        Pat::Slice(pat) => pat.elems.iter_mut().for_each(visit),
        Pat::Struct(pat) => {
            for field in &mut pat.fields {
                visit(&mut field.pat);
                if matches!(*field.pat, Pat::Wild(_)) {
                    // `Page { number }` became `Page { number: _ }`.
                    field.colon_token.get_or_insert_with(|| Token![:](Span::mixed_site()));
                }
            }
        }
        Pat::Tuple(pat) => pat.elems.iter_mut().for_each(visit),
        Pat::TupleStruct(pat) => pat.elems.iter_mut().for_each(visit),
        Pat::Type(pat) => visit(&mut pat.pat),
        _ => {}
    }
}
