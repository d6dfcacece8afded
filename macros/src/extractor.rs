//! Extractors, by the names that everybody knows. Where a name deceives, the generated code does not compile: what is taken
//! for state has to be neutral, and what is taken out of its extractor has to fit the pattern.

use proc_macro2::Ident;
use syn::{Pat, PatType, Path, Type, TypePath};

use crate::handler::Framework;
use crate::ty;

/// Structs of one field, which patterns take apart.
const WRAPPERS: &[&str] =
    &["Path", "Query", "State", "Json", "Form", "Extension", "TypedHeader", "Data", "ReqData", "Header"];

/// What is the same for every request.
const STATE: &[&str] = &["State", "Data", "ThinData"];

/// What an ordinary function would hardly take apart, or answer with a response.
const TELLING: &[&str] = &["Path", "Query", "State"];

/// Whether the argument is the program's state, which no key needs.
pub(crate) fn is_state(ty: &Type) -> bool {
    wrapped(ty, STATE).is_some()
}

/// `Db` of `State<Db>`.
pub(crate) fn state(ty: &Type) -> Option<&Type> {
    wrapped(ty, &["State"]).map(|(_, state)| state)
}

/// `id: web::Path<u64>`, `Query(page): Query<Page>`: whose extractor it looks like. A name alone tells nothing, since others call their
/// types so, too; `responds` if the function returns a response.
pub(crate) fn framework_of(typed: &PatType, responds: bool) -> Option<Framework> {
    let (path, _) = wrapped(&typed.ty, WRAPPERS)?;
    let mut behind = path.segments.iter().rev();
    let name = behind.next()?;
    let module = behind.next();
    if module.is_some_and(|module| module.ident == "web") {
        return Some(Framework::Actix);
    }
    let telling = TELLING.iter().any(|telling| name.ident == telling) && (responds || taken_out(typed).is_some());
    let extract = module.is_some_and(|module| module.ident == "extract");
    (extract || module.is_none() && telling).then_some(Framework::Axum)
}

/// The argument as an entry takes it: `year: u16` for `Path(year): Path<u16>`.
pub(crate) fn inner(typed: &PatType, framework: Framework) -> PatType {
    let taken = taken_out(typed).or_else(|| {
        // No pattern can take it apart, so what names it means what is in it.
        let closed = framework == Framework::Actix && matches!(*typed.pat, Pat::Ident(_));
        let (_, inside) = wrapped(&typed.ty, &["Path"]).filter(|_| closed)?;
        Some((&*typed.pat, inside))
    });
    match taken {
        Some((pat, ty)) => PatType { pat: Box::new(pat.clone()), ty: Box::new(ty.clone()), ..typed.clone() },
        None => typed.clone(),
    }
}

/// Those that are parts of keys whatever the attribute says, by what is in them. A body never is.
const PARTS: &[&str] = &["Path", "Query", "Extension", "ReqData"];

/// `year` of `Path(year): Path<u16>`, if that is a part of a key by itself.
pub(crate) fn only_name(typed: &PatType) -> Option<&Ident> {
    wrapped(&typed.ty, PARTS)?;
    match taken_out(typed)? {
        (Pat::Ident(name), _) if name.by_ref.is_none() && name.subpat.is_none() => Some(&name.ident),
        _ => None,
    }
}

/// What stands in the extractor, in its pattern and in its type.
fn taken_out(typed: &PatType) -> Option<(&Pat, &Type)> {
    let (path, inside) = wrapped(&typed.ty, WRAPPERS)?;
    let Pat::TupleStruct(pat) = peel(&typed.pat) else {
        return None;
    };
    let same = pat.path.segments.last().map(|last| &last.ident) == path.segments.last().map(|last| &last.ident);
    let mut elements = pat.elems.iter();
    match (elements.next(), elements.next()) {
        (Some(only), None) if same => Some((only, inside)),
        _ => None,
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
