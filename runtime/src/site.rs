//! What one annotated function contributes: its name and place, the pattern of its keys and its constant options. All
//! sites of a program are collected by the linker in [`SITES`]; the registry numbers them when the first cache is
//! built.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use linkme::distributed_slice;

use crate::decide::Policy;
use crate::key::hash_head;
use crate::life::Early;
use crate::registry::Token;
use crate::shared::{Codec, Wire};

/// Every annotated function of the program.
#[doc(hidden)]
#[distributed_slice]
pub static SITES: [Site];

/// Every function that caches: those, and what larder itself brings along.
pub(crate) fn sites() -> impl Iterator<Item = &'static Site> {
    #[cfg(feature = "axum")]
    let own = Some(&crate::http::LAYERS);
    #[cfg(not(feature = "axum"))]
    let own = None;
    SITES.iter().chain(own)
}

/// The function whose entries this group is; none for the group of keys that no function makes.
pub(crate) fn site_of(group: usize) -> Option<&'static Site> {
    let index = group.checked_sub(1)?;
    SITES.get(index).or_else(|| sites().nth(index))
}

/// A piece of a key's pattern.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Literal text.
    Text(&'static str),
    /// The place of a part.
    Hole(&'static str),
}

/// One annotated function. Generated code makes it with `site!` and sets what the attribute says.
#[doc(hidden)]
#[derive(Debug)]
pub struct Site {
    pub(crate) name: &'static str,
    /// The full path of the function; read once.
    pub(crate) path: fn() -> &'static str,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    /// Constant text in front of every key; nothing if the key starts with a part, unset if the path is the head.
    head: Option<&'static str>,
    pattern: &'static [Piece],
    pub(crate) options: Options,
    pub(crate) version: u64,
    generic: bool,
    /// It is a block inside a function: its key tells it from others there.
    fragment: bool,
    pub(crate) cache_expr: &'static str,
    /// How its value becomes bytes; unset if that depends on types that are not known yet.
    wire: Option<fn() -> Option<&'static Wire>>,
    /// Number in the registry, from 1; 0 until the registry is made.
    pub(crate) number: AtomicUsize,
    resolved: OnceLock<Head>,
}

/// The constant options of a function, or of one low-level operation. Times are in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// Unset: the cache's default timeout.
    pub(crate) timeout: Option<u64>,
    /// Unset: "nothing found" lives as long as a value.
    pub(crate) none_timeout: Option<u64>,
    pub(crate) err_timeout: u64,
    pub(crate) policy: Policy,
    pub(crate) early: Early,
    /// Millionths by which timeouts may be shortened. Unset: as usual where the value is kept.
    pub(crate) jitter: Option<u32>,
    pub(crate) uncoalesced: bool,
    /// Never leaves the process.
    pub(crate) local: bool,
    /// Values have timeouts of their own.
    pub(crate) own_timeouts: bool,
    /// Unset: that of the cache.
    pub(crate) codec: Option<Codec>,
}

impl Options {
    /// May an old value be refreshed on the side?
    pub(crate) fn refreshes(&self) -> bool {
        self.policy.while_revalidate > 0 || self.policy.soft_timeout.is_some() || !self.early.is_never()
    }
}

/// The head of a function's keys, hashed.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) text: Box<str>,
    pub(crate) hash: u64,
    /// The rendered text is the whole key, to be split where its first `:` is.
    pub(crate) dynamic: bool,
}

impl Site {
    #[must_use]
    pub const fn new(name: &'static str, path: fn() -> &'static str, file: &'static str, line: u32) -> Self {
        Self {
            name,
            path,
            file,
            line,
            head: None,
            pattern: &[],
            options: Options {
                timeout: None,
                none_timeout: None,
                err_timeout: 0,
                policy: Policy { while_revalidate: 0, if_error: 0, soft_timeout: None },
                early: Early::Never,
                jitter: None,
                uncoalesced: false,
                local: false,
                own_timeouts: false,
                codec: None,
            },
            version: 0,
            generic: false,
            fragment: false,
            cache_expr: "",
            wire: None,
            number: AtomicUsize::new(0),
            resolved: OnceLock::new(),
        }
    }

    /// The same function under other options, which are known when the program runs.
    #[cfg(feature = "axum")]
    pub(crate) fn with_options(&self, options: Options) -> Self {
        Self {
            name: self.name,
            path: self.path,
            file: self.file,
            line: self.line,
            head: self.head,
            pattern: self.pattern,
            options,
            version: self.version,
            generic: self.generic,
            fragment: self.fragment,
            cache_expr: self.cache_expr,
            wire: self.wire,
            number: AtomicUsize::new(self.number()),
            resolved: OnceLock::new(),
        }
    }

    #[must_use]
    pub const fn key(mut self, head: &'static str, pattern: &'static [Piece]) -> Self {
        self.head = Some(head);
        self.pattern = pattern;
        self
    }

    #[must_use]
    pub const fn fragment(mut self) -> Self {
        self.fragment = true;
        self
    }

    #[must_use]
    pub const fn timeout(mut self, nanos: u64) -> Self {
        self.options.timeout = Some(nanos);
        self
    }

    #[must_use]
    pub const fn version(mut self, version: u64) -> Self {
        self.version = version;
        self
    }

    #[must_use]
    pub const fn cache_none(mut self, nanos: u64) -> Self {
        self.options.none_timeout = Some(nanos);
        self
    }

    #[must_use]
    pub const fn cache_err(mut self, nanos: u64) -> Self {
        self.options.err_timeout = nanos;
        self
    }

    #[must_use]
    pub const fn stale_while_revalidate(mut self, nanos: u64) -> Self {
        self.options.policy.while_revalidate = nanos;
        self
    }

    #[must_use]
    pub const fn stale_if_error(mut self, nanos: u64) -> Self {
        self.options.policy.if_error = nanos;
        self
    }

    #[must_use]
    pub const fn soft_timeout(mut self, nanos: u64) -> Self {
        self.options.policy.soft_timeout = Some(nanos);
        self
    }

    #[must_use]
    pub const fn early_fraction(mut self, millionths: u32) -> Self {
        self.options.early = Early::Fraction(millionths);
        self
    }

    #[must_use]
    pub const fn early_age(mut self, nanos: u64) -> Self {
        self.options.early = Early::Age(nanos);
        self
    }

    #[must_use]
    pub const fn jitter(mut self, millionths: u32) -> Self {
        self.options.jitter = Some(millionths);
        self
    }

    #[must_use]
    pub const fn local(mut self) -> Self {
        self.options.local = true;
        self
    }

    #[must_use]
    pub const fn codec(mut self, codec: Codec) -> Self {
        self.options.codec = Some(codec);
        self
    }

    #[must_use]
    pub const fn uncoalesced(mut self) -> Self {
        self.options.uncoalesced = true;
        self
    }

    /// The key ends with the names of type parameters.
    #[must_use]
    pub const fn generic(mut self) -> Self {
        self.generic = true;
        self
    }

    #[must_use]
    pub const fn cache_expr(mut self, text: &'static str) -> Self {
        self.cache_expr = text;
        self
    }

    /// What its value needs to leave the process.
    #[must_use]
    pub const fn wire(mut self, wire: fn() -> Option<&'static Wire>) -> Self {
        self.wire = Some(wire);
        self
    }

    /// How its value becomes bytes, if it can; nothing if that is not known before it is called.
    pub(crate) fn known_wire(&self) -> Option<fn() -> Option<&'static Wire>> {
        self.wire
    }

    /// Do its values stay in this process?
    pub(crate) fn is_local(&self) -> bool {
        self.options.local
    }

    #[inline]
    pub(crate) fn number(&self) -> usize {
        self.number.load(Ordering::Relaxed)
    }

    #[inline]
    pub(crate) fn head(&self) -> &Head {
        self.resolved.get_or_init(|| self.resolve())
    }

    #[cold]
    fn resolve(&self) -> Head {
        let text = self.head.map_or_else(|| self.path_head(), str::to_owned);
        Head { hash: hash_head(&text, self.version), dynamic: text.is_empty(), text: text.into() }
    }

    /// `crate.module.function:`, the head of a key that the attribute does not name. A path has colons, which would
    /// split it in the wrong place; here they are dots.
    fn path_head(&self) -> String {
        format!("{}:", self.display_path().replace("::", ".").replace(':', "."))
    }

    /// The path of the function. What the linker knows is the path of a type that generated code declares inside the
    /// function, or in a hidden one beside it.
    pub(crate) fn display_path(&self) -> String {
        let path = (self.path)();
        let path = path.strip_suffix("::Here").unwrap_or(path);
        if self.fragment {
            return self.fragment_path(path);
        }
        let path = path.strip_suffix("::{{closure}}").unwrap_or(path);
        match path.rsplit_once("::") {
            // The hidden function of a function's companion, which is called like it.
            Some((outside, "__site")) => outside.to_owned(),
            // The one beside a method.
            Some((outside, hidden)) if hidden.starts_with("__") && hidden != self.name => {
                format!("{outside}::{}", self.name)
            }
            _ => path.to_owned(),
        }
    }

    /// `shop::page::fragment!("sidebar:<user.id>")`: the function around it, and the key, since a function may have several.
    fn fragment_path(&self, path: &str) -> String {
        let mut outside = path;
        while let Some(function) = outside.strip_suffix("::{{closure}}") {
            outside = function;
        }
        format!("{outside}::fragment!({:?})", self.template())
    }

    /// Is it that of a function which another attribute has emitted once more, in a hidden function that nobody calls? So does
    /// axum's `#[debug_handler]`, to ask the compiler about the function's future.
    pub(crate) fn is_copy(&self) -> bool {
        let path = self.display_path();
        let segments: Vec<&str> = path.split("::").collect();
        let mut hidden = segments.iter().enumerate().filter(|(_, segment)| segment.starts_with("__"));
        hidden.any(|(hidden, _)| {
            let others = segments.iter().enumerate().filter(|(index, _)| *index != hidden);
            let original = others.map(|(_, segment)| *segment).collect::<Vec<_>>().join("::");
            SITES.iter().any(|site| site.line == self.line && site.file == self.file && site.display_path() == original)
        })
    }

    /// Was the function written in an impl of this type, which has no type parameters?
    pub(crate) fn belongs_to(&self, type_name: &str) -> bool {
        let path = (self.path)();
        let rest = path.strip_prefix(type_name).is_some_and(|rest| rest.starts_with("::"));
        rest || path
            .strip_prefix('<')
            .and_then(|path| path.strip_prefix(type_name))
            .is_some_and(|rest| rest.starts_with(" as ") || rest.starts_with(">::"))
    }

    /// The pattern of the function's keys, with the type arguments that follow the template.
    pub(crate) fn tokens(&self) -> Vec<Token> {
        let mut tokens = Vec::new();
        if self.head.is_none() {
            tokens.extend(self.path_head().bytes().map(Token::Byte));
            tokens.push(Token::Rest);
            return tokens;
        }
        for piece in self.pattern {
            match piece {
                Piece::Text(text) => tokens.extend(text.bytes().map(Token::Byte)),
                Piece::Hole(_) => tokens.push(Token::Part),
            }
        }
        if self.generic {
            tokens.push(Token::Rest);
        }
        tokens
    }

    /// The template as the attribute spells it.
    pub(crate) fn template(&self) -> String {
        if self.head.is_none() {
            return self.path_head();
        }
        self.pattern
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.replace('<', "<<"),
                Piece::Hole(name) => format!("<{name}>"),
            })
            .collect()
    }
}

/// The path of a group's function.
pub(crate) fn path_of(group: usize) -> String {
    site_of(group).map_or_else(String::new, Site::display_path)
}

/// The text with which every key of a group begins; nothing for group 0, whose keys no function makes.
pub(crate) fn head_of(group: usize) -> &'static str {
    site_of(group).map_or("", |site| &site.head().text)
}
