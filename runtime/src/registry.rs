//! All annotated functions of the program, numbered, found by the text of a key, and compared: two whose keys can be the
//! same text are a conflict.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

use crate::key::{is_rendered_byte, split};
use crate::site::{Site, sites};

/// What a pattern is compared by: a byte, any part, or anything at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Byte(u8),
    Part,
    Rest,
}

impl Token {
    fn takes(self, byte: u8) -> bool {
        match self {
            Self::Byte(own) => own == byte,
            Self::Part => is_rendered_byte(byte),
            Self::Rest => true,
        }
    }

    fn repeats(self) -> bool {
        !matches!(self, Self::Byte(_))
    }
}

/// Is there a text that both patterns match? Walks the pairs of positions that a common text can reach.
fn overlap(left: &[Token], right: &[Token]) -> bool {
    let mut seen = vec![false; (left.len() + 1) * (right.len() + 1)];
    let mut open = vec![(0, 0)];
    while let Some((i, j)) = open.pop() {
        let Some(seen) = seen.get_mut(i * (right.len() + 1) + j) else { continue };
        if std::mem::replace(seen, true) {
            continue;
        }
        match (left.get(i), right.get(j)) {
            (None, None) => return true,
            (Some(a), None) if a.repeats() => open.push((i + 1, j)),
            (None, Some(b)) if b.repeats() => open.push((i, j + 1)),
            (None, _) | (_, None) => {}
            (Some(Token::Byte(a)), Some(Token::Byte(b))) => {
                if a == b {
                    open.push((i + 1, j + 1));
                }
            }
            (Some(Token::Byte(byte)), Some(repeated)) => {
                open.push((i, j + 1));
                if repeated.takes(*byte) {
                    open.push((i + 1, j));
                }
            }
            (Some(repeated), Some(Token::Byte(byte))) => {
                open.push((i + 1, j));
                if repeated.takes(*byte) {
                    open.push((i, j + 1));
                }
            }
            (Some(_), Some(_)) => open.extend([(i + 1, j), (i, j + 1)]),
        }
    }
    false
}

/// The sites of the program, numbered, and found by the text of a key.
pub(crate) struct Registry {
    by_head: HashMap<String, Vec<(&'static Site, Vec<Token>)>>,
}

/// Two functions whose keys can be the same text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conflict {
    pub(crate) first: &'static Site,
    pub(crate) second: &'static Site,
}

impl std::fmt::Display for Conflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (first, second) = (self.first, self.second);
        write!(
            f,
            "`{}` ({}:{}) and `{}` ({}:{}) can make the same key: \"{}\" and \"{}\"; start one of the templates differently",
            first.display_path(),
            first.file,
            first.line,
            second.display_path(),
            second.file,
            second.line,
            first.template(),
            second.template(),
        )
    }
}

pub(crate) fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(Registry::new)
}

impl Registry {
    fn new() -> Self {
        let mut by_head: HashMap<String, Vec<(&'static Site, Vec<Token>)>> = HashMap::new();
        for (number, site) in sites().enumerate() {
            site.number.store(number + 1, Ordering::Relaxed);
            if site.is_copy() {
                continue;
            }
            by_head.entry(site.head().text.to_string()).or_default().push((site, site.tokens()));
        }
        Self { by_head }
    }

    /// How many groups of entries a cache has: one for each site, and group 0 for keys that no function makes.
    pub(crate) fn groups() -> usize {
        sites().count() + 1
    }

    /// The number of the function with this path.
    #[cfg_attr(
        not(feature = "shared"),
        expect(dead_code, reason = "only other processes name functions by their paths")
    )]
    pub(crate) fn group_of(path: &str) -> Option<usize> {
        sites().find(|site| site.display_path() == path).map(Site::number)
    }

    /// The functions that can make this key.
    pub(crate) fn owners(&self, key: &str) -> impl Iterator<Item = &'static Site> {
        let text: Vec<Token> = key.bytes().map(Token::Byte).collect();
        let same_head = self.by_head.get(split(key).0).into_iter();
        let headless = self.by_head.get("").filter(|_| !split(key).0.is_empty()).into_iter();
        same_head.chain(headless).flatten().filter(move |(_, tokens)| overlap(&text, tokens)).map(|(site, _)| *site)
    }

    /// All pairs of functions that can make the same key in the same cache, as far as the attributes tell: their `cache`
    /// and `version` options are the same.
    pub(crate) fn conflicts(&self) -> Vec<Conflict> {
        let headless: &[_] = self.by_head.get("").map_or(&[], Vec::as_slice);
        let mut conflicts = Vec::new();
        for (head, sites) in &self.by_head {
            for (index, first) in sites.iter().enumerate() {
                let others = sites.iter().skip(index + 1);
                let rest = if head.is_empty() { [].iter() } else { headless.iter() };
                for second in others.chain(rest) {
                    let same_place = first.0.cache_expr == second.0.cache_expr && first.0.version == second.0.version;
                    if same_place && overlap(&first.1, &second.1) {
                        conflicts.push(Conflict { first: first.0, second: second.0 });
                    }
                }
            }
        }
        conflicts.sort_by_key(|conflict| (conflict.first.file, conflict.first.line, conflict.second.line));
        conflicts
    }
}
