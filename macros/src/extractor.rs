//! Extractors, by the names that everybody knows. Where a name deceives, the generated code does not compile: what is taken
//! for state has to be neutral, and what is taken out of its extractor has to fit the pattern.

use syn::{Pat, PatType, Path, Type, TypePath};

use crate::handler::Framework;
use crate::ty;

/// Structs of one field, which patterns take apart.
const WRAPPERS: &[&str] =
    &["Path", "Query", "State", "Json", "Form", "Extension", "TypedHeader", "Data", "ReqData", "Header"];

/// What is the same for every request.
const STATE: &[&str] = &["State", "Data", "ThinData"];

/// What an ordinary function would hardly take by value.
const TELLING: &[&str] = &["Path", "Query", "State"];

/// Whether the argument is the program's state, which no key needs.
pub(crate) fn is_state(ty: &Type) -> bool {
    wrapped(ty, STATE).is_some()
}

/// `Db` of `State<Db>`.
pub(crate) fn state(ty: &Type) -> Option<&Type> {
    wrapped(ty, &["State"]).map(|(_, state)| state)
}

/// `web::Path<u64>`, `Query<Page>`: whose extractor it looks like.
pub(crate) fn framework_of(ty: &Type) -> Option<Framework> {
    let (path, _) = wrapped(ty, WRAPPERS)?;
    let mut behind = path.segments.iter().rev();
    let name = behind.next()?;
    let module = behind.next();
    if module.is_some_and(|module| module.ident == "web") {
        return Some(Framework::Actix);
    }
    let telling = TELLING.iter().any(|telling| name.ident == telling);
    let extract = module.is_some_and(|module| module.ident == "extract");
    (extract || module.is_none() && telling).then_some(Framework::Axum)
}

/// The argument as an entry takes it: `year: u16` for `Path(year): Path<u16>`.
pub(crate) fn inner(typed: &PatType, framework: Framework) -> PatType {
    let Some((path, inside)) = wrapped(&typed.ty, WRAPPERS) else {
        return typed.clone();
    };
    let name = path.segments.last().map(|last| &last.ident);
    let pat = match peel(&typed.pat) {
        Pat::TupleStruct(pat) if pat.elems.len() == 1 && pat.path.segments.last().map(|last| &last.ident) == name => {
            pat.elems.first().cloned()
        }
        // No pattern can take it apart, so what names it means what is in it.
        pat @ Pat::Ident(_) if framework == Framework::Actix && name.is_some_and(|name| name == "Path") => {
            Some(pat.clone())
        }
        _ => None,
    };
    match pat {
        Some(pat) => PatType { pat: Box::new(pat), ty: Box::new(inside.clone()), ..typed.clone() },
        None => typed.clone(),
    }
}

fn peel(pat: &Pat) -> &Pat {
    match pat {
        Pat::Paren(paren) => peel(&paren.pat),
        pat => pat,
    }
}

/// The path of the type and its only type argument, if it is called like one of these.
fn wrapped<'a>(ty: &'a Type, names: &[&str]) -> Option<(&'a Path, &'a Type)> {
    let Type::Path(TypePath { qself: None, path, .. }) = ty::peel(ty) else {
        return None;
    };
    let last = path.segments.last().filter(|last| names.iter().any(|name| last.ident == name))?;
    ty::first_argument(last).map(|inside| (path, inside))
}
