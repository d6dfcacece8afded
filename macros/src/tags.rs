//! What the tags closure does, decided: each template resolved against the arguments.

use crate::args::Args;
use crate::attr::Attr;
use crate::diag::Errors;
use crate::diag::keys::Subject;
use crate::holes::Holes;
use crate::key::{self, Statement};

/// The tags of a function, each as what renders it.
pub(crate) fn resolve<'a>(attr: &Attr, args: &Args, errors: &mut Errors) -> Vec<Vec<Statement<'a>>> {
    let mut tags = Vec::new();
    for literal in attr.tags.iter().flat_map(|tags| &tags.value) {
        let mut holes = Holes::new(literal, Subject::Tag, args);
        if let Some(pieces) = holes.pieces(errors) {
            tags.extend(holes.statements(&pieces, 0, errors));
        }
    }
    tags
}

/// The names that the tags start placeholders with.
pub(crate) fn roots(attr: &Attr) -> Vec<String> {
    attr.tags.iter().flat_map(|tags| &tags.value).flat_map(key::roots).collect()
}
