//! The crate from outside: an attribute and an item go in; the expansion or the messages are compared.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]
#![expect(clippy::too_many_lines, reason = "an expansion is as long as it is")]

mod derive;
mod duration;
mod errors;
mod expand;
mod fragment;
mod fuzz;
mod listed;
mod receiver;
mod scan;
mod tag_macro;
mod template;
mod writers;

use expect_test::Expect;
use proc_macro2::{TokenStream, TokenTree};
use syn::File;

use crate::attr::Attr;
use crate::diag::Errors;
use crate::func;
use crate::handler;
use crate::plan::Plan;

fn tokens(source: &str) -> TokenStream {
    source.parse().unwrap_or_else(|error| panic!("{source}: {error}"))
}

fn pretty(tokens: TokenStream) -> String {
    let text = tokens.to_string();
    let file: File = syn::parse2(tokens).unwrap_or_else(|error| panic!("{error}\n{text}"));
    prettyplease::unparse(&file)
}

/// The expansion of a free function.
fn expands(attr: &str, item: &str, expected: &Expect) {
    assert_eq!(messages(attr, item), Vec::<String>::new());
    expected.assert_eq(&pretty(crate::expand_cached(tokens(attr), &tokens(item))));
}

/// What stands first in `with_axum! { { .. } { .. } }`.
fn with_feature(expanded: &TokenStream) -> TokenStream {
    let Some(TokenTree::Group(both)) = expanded.clone().into_iter().last() else {
        panic!("{expanded}");
    };
    let groups = both.stream().into_iter().filter_map(|token| match token {
        TokenTree::Group(group) => Some(group.stream()),
        _ => None,
    });
    let [with, without] = groups.collect::<Vec<_>>().try_into().unwrap_or_else(|groups| panic!("{groups:?}"));
    let inside = quote::quote!(impl Api { #without });
    assert!(syn::parse2::<File>(without).is_ok() || syn::parse2::<File>(inside).is_ok());
    with
}

/// The expansion of a handler for those who have the feature. What the others get is Rust as well.
fn expands_handler(attr: &str, item: &str, expected: &Expect) {
    assert_eq!(messages(attr, item), Vec::<String>::new());
    let with = with_feature(&crate::expand_cached(tokens(attr), &tokens(item)));
    expected.assert_eq(&pretty(if item.contains("Self") { quote::quote!(impl Api { #with }) } else { with }));
}

/// The expansion of a method.
fn expands_method(attr: &str, item: &str, expected: &Expect) {
    assert_eq!(messages(attr, item), Vec::<String>::new());
    let expanded = crate::expand_cached(tokens(attr), &tokens(item));
    let inside = quote::quote!(impl Users { #expanded });
    expected.assert_eq(&pretty(inside));
}

/// All messages for an attribute and an item, with the text they point at.
fn messages(attr: &str, item: &str) -> Vec<String> {
    let mut errors = Errors::default();
    let attr = Attr::parse(tokens(attr), &mut errors);
    match func::parse(tokens(item), "cached") {
        Ok(mut func) => {
            handler::name_the_output(&mut func, &attr);
            drop(Plan::new(&attr, &func, &mut errors));
        }
        Err(error) => errors.push(error),
    }
    errors.iter().map(ToString::to_string).collect()
}

/// The messages, one paragraph each.
fn fails(attr: &str, item: &str, expected: &Expect) {
    expected.assert_eq(&(messages(attr, item).join("\n\n") + "\n"));
    // The user's function survives, and the output is still Rust.
    let expanded = crate::expand_cached(tokens(attr), &tokens(item));
    assert!(expanded.to_string().contains("compile_error"), "{expanded}");
    let rust = syn::parse2::<File>(expanded);
    assert!(rust.is_ok());
}
