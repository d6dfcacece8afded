//! Messages about key templates.

use quote::ToTokens;
use syn::{Error, LitStr};

use crate::diag::{error, suggest_argument};
use crate::nearest;
use crate::template::Problem;

pub(crate) fn key_not_a_literal(at: impl ToTokens) -> Error {
    error(at, "`key` is a string literal", "write `key = \"user:<id>\"`")
}

/// What a template is for.
#[derive(Clone, Copy)]
pub(crate) enum Subject {
    Key,
    Tag,
}

impl Subject {
    fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Tag => "tag",
        }
    }
}

pub(crate) fn template(at: &LitStr, subject: Subject, problem: Problem) -> Error {
    let word = subject.word();
    match problem {
        Problem::EmptyKey => {
            let help = match subject {
                Subject::Key => "write `key = \"user:<id>\"`, or remove `key`",
                Subject::Tag => "write `\"team:<team_id>\"`, or remove it",
            };
            error(at, format!("the {word} is empty"), help)
        }
        Problem::EmptyHole => error(at, "`<>` names nothing", "write `<id>`, or `<<` for a literal `<`"),
        Problem::Unclosed(after) => {
            let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let help = if name.is_empty() {
                "write `<<` for a literal `<`".to_owned()
            } else {
                format!("write `<{name}>`, or `<<` for a literal `<`")
            };
            error(at, "a `<` without its `>`", help)
        }
        Problem::NotAPath(text) => {
            let what = format!("`<{text}>` is not an argument or a path into one");
            let trimmed: String = text.split_whitespace().collect();
            let help = if trimmed != text && crate::template::is_path(&trimmed) {
                format!("write `<{trimmed}>`")
            } else {
                "write `<user>`, `<user.id>`, `<pair.0>` or `<user.id()>`, or `<<` for a literal `<`".to_owned()
            };
            error(at, what, help)
        }
        Problem::CallWithArguments(text) => {
            let what = format!("`<{text}>` calls with arguments");
            error(at, what, "call a method without arguments, or make the value an argument of the function")
        }
        Problem::Braces(name) => error(at, format!("`{{{name}}}` is no placeholder here"), format!("write `<{name}>`")),
        Problem::Adjacent(left, right) => {
            let what =
                format!("nothing separates `<{left}>` from `<{right}>`: `1`, `23` and `12`, `3` would be one {word}");
            error(at, what, format!("write `<{left}>:<{right}>`"))
        }
        Problem::NotSeparated(left, between, right) => {
            let what = format!("`{between}` does not separate `<{left}>` from `<{right}>`: values may contain it");
            error(at, what, format!("write `<{left}>:<{right}>`"))
        }
    }
}

pub(crate) fn half_open(at: &LitStr, name: &str) -> Error {
    let what = format!("`{name}>` lacks its `<`, so the key does not name `{name}`");
    error(at, what, format!("write `<{name}>`"))
}

pub(crate) fn unknown_argument(
    at: &LitStr,
    subject: Subject,
    name: &str,
    known: impl Iterator<Item = String>,
) -> Error {
    let known: Vec<_> = known.collect();
    let help = match nearest::of(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `<{near}>`?"),
        None => suggest_argument(name, &known),
    };
    error(at, format!("`{name}` in the {} is not an argument", subject.word()), help)
}

pub(crate) fn self_without_receiver(at: &LitStr, path: &str) -> Error {
    error(
        at,
        format!("`<{path}>` needs a `self`, which the function doesn't have"),
        "name an argument, or `<Self>` for the type",
    )
}

pub(crate) fn path_behind_self_type(at: &LitStr, path: &str) -> Error {
    error(
        at,
        format!("`<{path}>`: `Self` is a type and has no fields"),
        "write `<Self>` for its name, or `<self...>` for the value",
    )
}
