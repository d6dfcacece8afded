//! What the key closure does, decided: the template resolved against the arguments, or every argument in turn.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt as _;
use syn::{Expr, GenericParam, LitStr};

use crate::args::Args;
use crate::attr::Attr;
use crate::diag::Errors;
use crate::diag::keys::Subject;
use crate::extractor;
use crate::func::Func;
use crate::holes::Holes;
use crate::plan::Place;
use crate::template::{self, Piece, Step};

pub(crate) struct Key<'a> {
    pub(crate) template: Option<Template>,
    pub(crate) statements: Vec<Statement<'a>>,
}

pub(crate) struct Template {
    /// The leading text up to and including its first `:`; the runtime hashes it once per function.
    pub(crate) head: String,
    pub(crate) pieces: Vec<Piece>,
}

/// One statement of the key closure.
pub(crate) enum Statement<'a> {
    Text(String),
    Hole {
        span: Span,
        value: Value,
        steps: Vec<Step>,
    },
    SelfName(Span),
    /// An argument that no template names, by its place in the list.
    Argument(usize),
    /// One name of a pattern whose other names are ignored.
    Bound(Ident),
    Receiver,
    /// An argument that the template doesn't name and `ignore` doesn't list.
    Undecided(usize),
    /// A name of a pattern of which the template names others.
    UndecidedBound(Ident),
    UndecidedReceiver,
    TypeName(&'a Ident),
    /// The type of an argument that is an `impl Trait`.
    ArgumentType(usize),
    Const(&'a Ident),
    SelfType,
    Revision(&'a Expr),
}

/// What a placeholder starts with.
pub(crate) enum Value {
    Receiver,
    Argument(Ident),
    /// A name of a pattern; the key closure binds it by reference.
    Bound(Ident),
}

impl<'a> Key<'a> {
    pub(crate) fn new(
        func: &'a Func,
        attr: &'a Attr,
        args: &Args,
        place: Place<'_>,
        errors: &mut Errors,
    ) -> Option<Self> {
        let mut key = match &attr.key {
            Some(key) => of_template(&key.value, args, errors)?,
            None => Key { template: None, statements: of_arguments(attr, args) },
        };
        for param in &func.sig.generics.params {
            match param {
                GenericParam::Type(param) => key.statements.push(Statement::TypeName(&param.ident)),
                GenericParam::Const(param) => key.statements.push(Statement::Const(&param.ident)),
                GenericParam::Lifetime(_) => {}
            }
        }
        // `impl Trait` is a type parameter without a name.
        let unnamed = args.list.iter().enumerate().filter(|(_, arg)| !arg.is_ignored() && is_generic(&arg.typed.ty));
        key.statements.extend(unnamed.map(|(index, _)| Statement::ArgumentType(index)));
        let named = key.statements.iter().any(|statement| matches!(statement, Statement::SelfName(_)));
        if !named && !matches!(place, Place::Free) {
            key.statements.push(Statement::SelfType);
        }
        key.statements.extend(attr.revision.as_ref().map(|revision| Statement::Revision(&revision.value)));
        Some(key)
    }
}

/// Whether the statements use a name that a pattern binds, or one id of the batch.
pub(crate) fn uses(statements: &[Statement<'_>], name: &Ident) -> bool {
    statements.iter().any(|statement| match statement {
        Statement::Bound(bound)
        | Statement::UndecidedBound(bound)
        | Statement::Hole { value: Value::Bound(bound), .. } => bound == name,
        Statement::Revision(expr) => crate::scan::mentions(&quote::ToTokens::to_token_stream(expr), name),
        _ => false,
    })
}

/// Whether a type holds an `impl Trait`.
fn is_generic(ty: &syn::Type) -> bool {
    let tokens = quote::ToTokens::to_token_stream(ty);
    crate::scan::mentions(&tokens, &Ident::new("impl", Span::call_site()))
}

/// Whether the template has `<Self>`, which only a method can.
pub(crate) fn names_self_type(key: &LitStr) -> bool {
    template::parse(&key.value())
        .is_ok_and(|pieces| pieces.iter().any(|piece| matches!(piece, Piece::Hole(hole) if hole.root == "Self")))
}

fn of_arguments<'a>(attr: &Attr, args: &Args) -> Vec<Statement<'a>> {
    let mut statements = Vec::new();
    if args.receiver.is_some() && !args.receiver_ignored {
        statements.push(Statement::Receiver);
    }
    for (index, arg) in args.list.iter().enumerate() {
        if args.is_batch(index) {
            // One id of the batch, by reference.
            statements.push(Statement::Bound(arg.ident.clone()));
        } else if attr.handler.is_some() && !arg.is_ignored() && extractor::is_state(&arg.typed.ty) {
            // The entry leaves it out, so it has to be neutral.
            statements.push(Statement::Undecided(index));
        } else if let Some(name) = attr.handler.as_ref().and_then(|_| extractor::only_name(&arg.typed))
            && arg.relevant.contains(name)
        {
            // The entry takes it out of its extractor, too.
            statements.push(Statement::Bound(name.clone()));
        } else if arg.relevant.len() == arg.names.len() && !arg.is_ignored() {
            statements.push(Statement::Argument(index));
        } else {
            statements.extend(arg.relevant.iter().cloned().map(Statement::Bound));
        }
    }
    statements
}

fn of_template<'a>(literal: &LitStr, args: &Args, errors: &mut Errors) -> Option<Key<'a>> {
    let mut holes = Holes::new(literal, Subject::Key, args);
    let pieces = holes.pieces(errors)?;
    let head = head(&pieces);
    let mut statements = holes.statements(&pieces, head.len(), errors)?;
    statements.extend(holes.undecided(errors));
    Some(Key { template: Some(Template { head, pieces }), statements })
}

/// The leading text up to and including its first `:`.
pub(crate) fn head(pieces: &[Piece]) -> String {
    match pieces.first() {
        Some(Piece::Text(text)) => text.split_once(':').map(|(before, _)| format!("{before}:")).unwrap_or_default(),
        _ => String::new(),
    }
}

/// The names that placeholders start with, for the check against `ignore`.
pub(crate) fn roots(literal: &LitStr) -> Vec<String> {
    let pieces = template::parse(&literal.value()).unwrap_or_default();
    let holes = pieces.into_iter().filter_map(|piece| match piece {
        Piece::Hole(hole) => Some(hole.root),
        Piece::Text(_) => None,
    });
    holes.map(|root| root.strip_prefix("r#").map_or_else(|| root.clone(), ToOwned::to_owned)).collect()
}

/// The name without `r#`.
pub(crate) fn plain(name: &Ident) -> String {
    name.unraw().to_string()
}
