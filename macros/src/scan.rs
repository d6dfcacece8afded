//! Questions about tokens that need no syntax tree: which names they mention, how they read, what they hash to.

use proc_macro2::{Delimiter, Ident, Spacing, TokenStream, TokenTree};
use syn::ext::IdentExt as _;

/// Whether `tokens` mention the name, as an identifier or inside a format string. A field or a method of that name is
/// something else.
pub(crate) fn mentions(tokens: &TokenStream, name: &Ident) -> bool {
    let plain = name.unraw().to_string();
    let mut dots = 0;
    tokens.clone().into_iter().any(|token| {
        let member = dots == 1;
        dots = if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '.') { dots + 1 } else { 0 };
        match token {
            TokenTree::Ident(ident) => ident == *name && !member,
            TokenTree::Group(group) => mentions(&group.stream(), name),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                text.contains('{') && text.contains(&plain)
            }
            TokenTree::Punct(_) => false,
        }
    })
}

/// Whether `Self` occurs in a signature or an attribute.
pub(crate) fn has_self_type(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "Self",
        TokenTree::Group(group) => has_self_type(&group.stream()),
        _ => false,
    })
}

/// Whether `Self` occurs in a body outside the items nested there: inside them it is theirs.
pub(crate) fn body_has_self_type(tokens: &TokenStream) -> bool {
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) if ident == "Self" => return true,
            TokenTree::Ident(ident) if is_item_keyword(&ident, tokens.peek()) => {
                // Up to the end of the nested item.
                let _item = tokens.by_ref().find(|token| match token {
                    TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                    TokenTree::Punct(punct) => punct.as_char() == ';',
                    _ => false,
                });
            }
            TokenTree::Group(group) if body_has_self_type(&group.stream()) => return true,
            _ => {}
        }
    }
    false
}

fn is_item_keyword(ident: &Ident, next: Option<&TokenTree>) -> bool {
    match ident.to_string().as_str() {
        "impl" => true,
        // Not a function pointer type.
        "struct" | "enum" | "union" | "trait" | "mod" | "fn" => matches!(next, Some(TokenTree::Ident(_))),
        _ => false,
    }
}

/// The tokens as a person would write them on one line; the same for every compiler.
pub(crate) fn text(tokens: &TokenStream) -> String {
    let mut out = String::new();
    write_text(tokens, &mut out);
    out
}

/// Operators that stand between two spaces if something stands before them.
const SPACED: &[&str] =
    &["+", "-", "*", "/", "%", "^", "&", "&&", "||", "==", "!=", "<=", ">=", "=", "=>", "->", "+=", "-=", "<<", ">>"];

fn write_text(tokens: &TokenStream, out: &mut String) {
    let mut after_operand = false;
    let mut operator = String::new();
    for token in tokens.clone() {
        match &token {
            TokenTree::Punct(punct) => {
                operator.push(punct.as_char());
                if punct.spacing() == Spacing::Alone {
                    write_operator(&operator, after_operand, out);
                    after_operand = operator == "?";
                    operator.clear();
                }
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Brace => ("{ ", " }"),
                    other => delimiters(other),
                };
                out.push_str(open);
                write_text(&group.stream(), out);
                out.push_str(close);
                after_operand = true;
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => {
                if operator.is_empty() && after_operand {
                    out.push(' ');
                }
                // The quote of a lifetime is joined to its name.
                out.push_str(&std::mem::take(&mut operator));
                out.push_str(&token.to_string());
                after_operand = true;
            }
        }
    }
}

fn write_operator(operator: &str, after_operand: bool, out: &mut String) {
    if after_operand && SPACED.contains(&operator) {
        out.push(' ');
    }
    out.push_str(operator);
    let closes = after_operand && (SPACED.contains(&operator) || operator == "|");
    if closes || operator == "," || operator == ";" {
        out.push(' ');
    }
}

fn delimiters(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::None => ("", ""),
    }
}

/// FNV-1a over the tokens, without spans and spacing: the same text has the same hash in every build.
pub(crate) fn hash(tokens: &TokenStream) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    hash_into(tokens, &mut hash);
    hash
}

fn hash_into(tokens: &TokenStream, hash: &mut u64) {
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = delimiters(group.delimiter());
                feed(hash, open);
                hash_into(&group.stream(), hash);
                feed(hash, close);
            }
            token => feed(hash, &token.to_string()),
        }
    }
}

fn feed(hash: &mut u64, text: &str) {
    if text.is_empty() {
        return;
    }
    // The zero byte keeps `ab c` and `a bc` apart.
    for byte in text.bytes().chain([0]) {
        *hash = (*hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
}
