//! A body that runs on a copy of `self`: every `self` that means the value gets another name.
//!
//! Not those of paths (`self::load`), of `use` and `pub(self)`, nor those inside the braces of a nested `impl` or `trait`.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use syn::Receiver;

use crate::func::Func;
use crate::scan;

/// Macros whose first string is a format string, as `{self}` in it tells.
const FORMATTING: &[&str] = &[
    "format",
    "format_args",
    "print",
    "println",
    "eprint",
    "eprintln",
    "write",
    "writeln",
    "panic",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "todo",
    "unimplemented",
    "unreachable",
    "trace",
    "debug",
    "info",
    "warn",
    "error",
    "log",
    "event",
    "span",
    "anyhow",
    "bail",
    "ensure",
];

/// A body with another name for `self`.
pub(crate) struct Renamed {
    pub(crate) body: Group,
    /// The name, if the body uses it.
    pub(crate) name: Option<Ident>,
    /// Strings with a `{self}` that only their macro understands.
    pub(crate) lost: Vec<Literal>,
}

/// The user's own hygiene for the name, since he wrote the tokens that it replaces: it must be one that he doesn't use.
pub(crate) fn rename(func: &Func, receiver: &Receiver) -> Renamed {
    let mut name = "this".to_owned();
    let used = |name: &str| {
        let name = Ident::new(name, Span::call_site());
        let inputs = quote::ToTokens::to_token_stream(&func.sig.inputs);
        scan::mentions(&func.body.stream(), &name) || scan::mentions(&inputs, &name)
    };
    while used(&name) {
        name.push('_');
    }
    let mut renaming = Renaming { name: &name, found: false, lost: Vec::new() };
    let mut body = Group::new(func.body.delimiter(), renaming.tokens(func.body.stream(), Place::Code));
    body.set_span(func.body.span());
    let Renaming { found, lost, .. } = renaming;
    Renamed { body, name: found.then(|| Ident::new(&name, receiver.self_token.span)), lost }
}

/// Where tokens stand.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Code,
    /// The arguments of a macro that formats its first string.
    Format,
    /// Those of another macro.
    Macro,
}

struct Renaming<'a> {
    name: &'a str,
    found: bool,
    lost: Vec<Literal>,
}

impl Renaming<'_> {
    fn tokens(&mut self, tokens: TokenStream, place: Place) -> TokenStream {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut out = Vec::with_capacity(tokens.len());
        let mut kept = 0;
        for (index, token) in tokens.iter().enumerate() {
            if index < kept {
                out.push(token.clone());
                continue;
            }
            let (before, after) =
                (tokens.get(..index).unwrap_or_default(), tokens.get(index + 1..).unwrap_or_default());
            match token {
                TokenTree::Ident(ident) if ident == "self" && !is_path(after) => {
                    self.found = true;
                    out.push(Ident::new(self.name, ident.span()).into());
                }
                TokenTree::Ident(ident) => {
                    kept = index + 1 + untouched(ident, after);
                    out.push(token.clone());
                }
                TokenTree::Group(group) => {
                    let inside = called_macro(before).unwrap_or(match place {
                        Place::Macro => Place::Macro,
                        Place::Code | Place::Format => Place::Code,
                    });
                    let mut renamed = Group::new(group.delimiter(), self.tokens(group.stream(), inside));
                    renamed.set_span(group.span());
                    out.push(renamed.into());
                }
                TokenTree::Literal(literal) if formats_self(literal) => out.push(self.literal(literal, place).into()),
                TokenTree::Literal(_) | TokenTree::Punct(_) => out.push(token.clone()),
            }
        }
        out.into_iter().collect()
    }

    fn literal(&mut self, literal: &Literal, place: Place) -> Literal {
        match place {
            Place::Code => {}
            Place::Macro => self.lost.push(literal.clone()),
            Place::Format => {
                let text = literal.to_string().replace("{self}", &format!("{{{}}}", self.name));
                let text = text.replace("{self:", &format!("{{{}:", self.name));
                if let Ok(mut renamed) = text.parse::<Literal>() {
                    self.found = true;
                    renamed.set_span(literal.span());
                    return renamed;
                }
            }
        }
        literal.clone()
    }
}

/// `self` before a `::`.
fn is_path(after: &[TokenTree]) -> bool {
    matches!(after, [TokenTree::Punct(first), TokenTree::Punct(second), ..] if first.as_char() == ':' && second.as_char() == ':')
}

/// How many tokens behind a keyword keep their `self`.
fn untouched(keyword: &Ident, after: &[TokenTree]) -> usize {
    let up_to = |ends: &dyn Fn(&TokenTree) -> bool| after.iter().position(ends).map_or(after.len(), |end| end + 1);
    match keyword.to_string().as_str() {
        // Not the `use<'a>` of a bound.
        "use" if !matches!(after.first(), Some(TokenTree::Punct(punct)) if punct.as_char() == '<') => {
            up_to(&is_semicolon)
        }
        "impl" | "trait" => up_to(&|token| is_semicolon(token) || is_braces(token)),
        "pub" if matches!(after.first(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis) => {
            1
        }
        _ => 0,
    }
}

fn is_semicolon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';')
}

fn is_braces(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

/// `name !` before a group.
fn called_macro(before: &[TokenTree]) -> Option<Place> {
    let [.., TokenTree::Ident(name), TokenTree::Punct(bang)] = before else {
        return None;
    };
    let formats = FORMATTING.iter().any(|known| name == known);
    (bang.as_char() == '!').then_some(if formats { Place::Format } else { Place::Macro })
}

/// Whether a string has `{self}` or `{self:?}`.
fn formats_self(literal: &Literal) -> bool {
    let text = literal.to_string();
    (text.starts_with('"') || text.starts_with('r')) && (text.contains("{self}") || text.contains("{self:"))
}
