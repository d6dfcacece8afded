//! The placeholders of a template, resolved against the arguments: for the key and for each tag.

use proc_macro2::Ident;
use syn::LitStr;

use crate::args::{Arg, Args, Kind};
use crate::diag::keys::Subject;
use crate::diag::{self, Errors};
use crate::key::{self, Statement, Value};
use crate::pattern;
use crate::template::{self, Hole, Piece};

/// Resolves placeholders and remembers which arguments they name.
pub(crate) struct Holes<'a> {
    literal: &'a LitStr,
    subject: Subject,
    args: &'a Args,
    named: Vec<usize>,
    /// The names of patterns among them.
    bound: Vec<Ident>,
    receiver_named: bool,
}

impl<'a> Holes<'a> {
    pub(crate) fn new(literal: &'a LitStr, subject: Subject, args: &'a Args) -> Self {
        Self { literal, subject, args, named: Vec::new(), bound: Vec::new(), receiver_named: false }
    }

    /// The pieces of the template; nothing if something is wrong with its text.
    pub(crate) fn pieces(&self, errors: &mut Errors) -> Option<Vec<Piece>> {
        match template::parse(&self.literal.value()) {
            Ok(pieces) => Some(pieces),
            Err(problems) => {
                for problem in problems {
                    errors.push(diag::keys::template(self.literal, self.subject, problem));
                }
                None
            }
        }
    }

    /// What renders the pieces, without the first `head` bytes.
    pub(crate) fn statements<'b>(
        &mut self,
        pieces: &[Piece],
        head: usize,
        errors: &mut Errors,
    ) -> Option<Vec<Statement<'b>>> {
        let mut statements = Vec::new();
        let mut complete = true;
        for (index, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Text(text) => {
                    let text = if index == 0 { text.get(head..).unwrap_or_default() } else { text };
                    if !text.is_empty() {
                        statements.push(Statement::Text(text.to_owned()));
                    }
                }
                Piece::Hole(hole) => match self.resolve(hole) {
                    Ok(statement) => statements.push(statement),
                    Err(error) => {
                        errors.push(error);
                        complete = false;
                    }
                },
            }
        }
        complete.then_some(statements)
    }

    fn resolve<'b>(&mut self, hole: &Hole) -> syn::Result<Statement<'b>> {
        let span = self.literal.span();
        if hole.root == "Self" {
            return match hole.steps.as_slice() {
                [] => Ok(Statement::SelfName(span)),
                _ => Err(diag::keys::path_behind_self_type(self.literal, &hole.text)),
            };
        }
        let value = if hole.root == "self" {
            if self.args.receiver.is_none() {
                return Err(diag::keys::self_without_receiver(self.literal, &hole.text));
            }
            self.receiver_named = true;
            Value::Receiver
        } else {
            let name = hole.root.strip_prefix("r#").unwrap_or(&hole.root);
            let Some((index, arg, bound)) = self.args.find(name) else {
                return Err(diag::keys::unknown_argument(self.literal, self.subject, name, self.args.names()));
            };
            self.named.push(index);
            match arg.kind {
                // One id of the batch, by reference.
                _ if self.args.is_batch(index) => Value::Bound(arg.ident.clone()),
                Kind::Name | Kind::Renamed => Value::Argument(arg.ident.clone()),
                Kind::Pattern => {
                    self.bound.push(bound.clone());
                    Value::Bound(bound.clone())
                }
            }
        };
        Ok(Statement::Hole { span, value, steps: hole.steps.clone() })
    }

    /// The arguments that neither the template names nor `ignore` lists.
    pub(crate) fn undecided<'b>(&self, errors: &mut Errors) -> Vec<Statement<'b>> {
        let mut statements = Vec::new();
        if self.args.receiver.is_some() && !self.args.receiver_ignored && !self.receiver_named {
            statements.push(Statement::UndecidedReceiver);
        }
        for (index, arg) in self.args.list.iter().enumerate() {
            if self.named.contains(&index) {
                statements.extend(self.forgotten(index, arg).cloned().map(Statement::UndecidedBound));
                continue;
            }
            if arg.is_ignored() {
                continue;
            }
            let half_open = arg.names.iter().map(key::plain).find(|name| self.is_half_open(name));
            match half_open {
                Some(name) => errors.push(diag::keys::half_open(self.literal, &name)),
                None if self.args.batch.as_ref().is_some_and(|batch| batch.in_doubt) => {}
                None if self.args.is_batch(index) => {
                    let slice = arg.names.first().map(key::plain).unwrap_or_default();
                    errors.push(diag::batches::key_without_the_slice(self.literal, &slice));
                }
                None => statements.push(Statement::Undecided(index)),
            }
        }
        statements
    }

    /// The names that a pattern binds beside those that the template names: each is a variable of its own, which is easily forgotten.
    fn forgotten<'b>(&self, index: usize, arg: &'b Arg) -> impl Iterator<Item = &'b Ident> {
        // `whole @ Page { number, .. }` binds the same twice.
        let is_twice = || pattern::has_subpattern(&arg.typed.pat);
        let apart = arg.kind == Kind::Pattern && !self.args.is_batch(index) && !arg.is_state && !is_twice();
        arg.relevant.iter().filter(move |name| apart && !self.bound.contains(name))
    }

    /// Whether the text has `id>` where `<id>` was meant.
    fn is_half_open(&self, name: &str) -> bool {
        let text = self.literal.value();
        let closed = format!("{name}>");
        text.match_indices(&closed).any(|(at, _)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            before.is_none_or(|before| before != '<' && before != '_' && before != '.' && !before.is_alphanumeric())
        })
    }
}
