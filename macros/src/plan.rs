//! Every decision, taken once: [`Attr`] and [`Func`] become a [`Plan`], or errors. Behind this file nothing fails.

use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::Type;

use crate::args::Args;
use crate::attr::Attr;
use crate::check;
use crate::diag::Errors;
use crate::extractor;
use crate::func::Func;
use crate::key::{self, Key, Statement};
use crate::paths::Paths;
use crate::scan;
use crate::tags;

pub(crate) struct Plan<'a> {
    pub(crate) func: &'a Func,
    /// The options that need no decision beyond their own syntax.
    pub(crate) attr: &'a Attr,
    pub(crate) place: Place<'a>,
    pub(crate) args: Args,
    pub(crate) key: Key<'a>,
    /// What renders each of the tags.
    pub(crate) tags: Vec<Vec<Statement<'a>>>,
    pub(crate) returns: &'a Type,
    pub(crate) paths: Paths,
}

/// Where the function stands and what may stand beside it.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    /// A free function: a type of the same name holds the companions.
    Free,
    /// A method, perhaps of a trait impl: nothing may stand beside it.
    Inline,
    /// A method of an inherent impl that names its entry function.
    Named(&'a Ident),
}

impl<'a> Place<'a> {
    /// The attribute cannot see its surroundings: a receiver, `entry` or `Self` tell a method.
    pub(crate) fn of(attr: &'a Attr, func: &Func) -> Self {
        if let Some(entry) = &attr.entry {
            return Place::Named(&entry.value);
        }
        let method = attr.left_unread("entry")
            || func.sig.receiver().is_some()
            || attr.templates().any(key::names_self_type)
            || scan::has_self_type(&attr.tokens)
            || scan::has_self_type(&func.sig.to_token_stream())
            || scan::body_has_self_type(&func.body.stream());
        if method { Place::Inline } else { Place::Free }
    }
}

impl<'a> Plan<'a> {
    pub(crate) fn new(attr: &'a Attr, func: &'a Func, errors: &mut Errors) -> Option<Self> {
        let place = Place::of(attr, func);
        let args = Args::new(func, attr);
        check::signature(attr, func, &args, errors);
        check::options(attr, func, &args, place, errors);
        let returns = check::returns(attr, func, errors);
        let key = Key::new(func, attr, &args, place, errors);
        let tags = tags::resolve(attr, &args, errors);
        let paths = Paths::new(attr);
        Some(Self { func, attr, place, args, key: key?, tags, returns: returns?, paths })
    }

    /// What the entry function of a handler is made from: [`handler::of_entry`] of the function.
    pub(crate) fn of_entry<'b>(&'b self, func: &'b Func) -> Option<Plan<'b>> {
        let args = Args::new(func, self.attr);
        // Whatever is wrong has been said of the function.
        let mut errors = Errors::default();
        let mut key = Key::new(func, self.attr, &args, self.place, &mut errors)?;
        let kept: Vec<_> = self.args.list.iter().filter(|arg| arg.in_entry).collect();
        // State that only `cache` or a tag needs is not in the key.
        let state = |index: usize| kept.get(index).is_some_and(|arg| extractor::is_state(&arg.typed.ty));
        key.statements.retain(|statement| match statement {
            Statement::Undecided(_) | Statement::UndecidedBound(_) => false,
            Statement::Argument(index) => !state(*index),
            Statement::Bound(name) => {
                let arg = kept.iter().find(|arg| arg.names.contains(name));
                !arg.is_some_and(|arg| extractor::is_state(&arg.typed.ty))
            }
            _ => true,
        });
        let tags = tags::resolve(self.attr, &args, &mut errors);
        let Self { attr, place, returns, .. } = *self;
        Some(Plan { func, attr, place, args, key, tags, returns, paths: Paths::new(attr) })
    }

    /// The cache expression, if it depends on the arguments of a call.
    pub(crate) fn cache_needs_arguments(&self) -> bool {
        let cache = self.attr.cache.as_ref();
        cache.is_some_and(|cache| self.args.mentioned_in(&cache.value.to_token_stream()))
    }
}
