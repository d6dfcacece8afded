//! No tokens make the macros panic, and whatever is accepted expands to Rust.

use proc_macro2::TokenStream;

/// A small generator of its own: the same tokens in every run.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % below
    }

    pub(super) fn pick(&mut self, words: &[&'static str]) -> &'static str {
        words.get(self.next(words.len())).copied().unwrap_or_default()
    }
}

const ATTR: &[&str] = &[
    "timeout",
    "key",
    "ignore",
    "version",
    "revision",
    "cache",
    "unless",
    "refresh_if",
    "store_if",
    "cache_none",
    "cache_err",
    "local",
    "coalesce",
    "entry",
    "crate",
    "stale_while_revalidate",
    "stale_if_error",
    "soft_timeout",
    "early",
    "jitter",
    "tags",
    "batch",
    "batch",
    "chunk",
    "axum",
    "wombat",
    "self",
    "Self",
    "never",
    "code",
    "id",
    "page",
    "=",
    "=",
    "=",
    "=",
    ",",
    ",",
    ",",
    ",",
    ",",
    "==",
    "|",
    "||",
    "::",
    ".",
    "-",
    "&",
    "<",
    ">",
    "?",
    "(id)",
    "(page, self)",
    "()",
    "[1]",
    "{ 2 }",
    "60",
    "1.5",
    "0",
    "60s",
    "'a'",
    "'a",
    "true",
    "false",
    "0.5",
    ":",
    "\"5m\"",
    "\"80%\"",
    "(\"a:<id>\", \"<page>\")",
    "(\"a\" \"a\", 5,, x)",
    "\"\"",
    "\"user:<id>\"",
    "\"<id>:<page.number>\"",
    "\"<id><page>\"",
    "\"<self>\"",
    "\"<Self>:<id>\"",
    "\"{id}\"",
    "\"<\"",
    "b\"x\"",
    "|value| true",
    "|a, b| c",
    "if",
    "match",
    "r#type",
    "users::entry",
    "user_entry",
    "::larder",
    "crate::larder",
    "x.y()",
    "&CACHE",
];

const ARGS: &[&str] = &[
    "&self",
    "&mut self",
    "self",
    "mut self",
    "self: Arc<Self>",
    "id: u64",
    "mut id: u64",
    "page: &Page",
    "Path(id): Path<u64>",
    "(id, _): (u64, u64)",
    "_: u64",
    "_id: &str",
    "&(id, ref page): &(u64, u64)",
    "Page { id, .. }: Page",
    "id @ Page { .. }: Page",
    "x: &mut u64",
    "page: impl Load",
    "[id, page]: [u64; 2]",
    "#[cfg(unix)] id: u64",
    "ref id: u64",
    "id: &[u64]",
    "mut page: Vec<u64>",
    "page: Option<&str>",
    "db: &'static dyn Db",
    "page: Cow<'a, [u8]>",
    "...",
];

const RETURNS: &[&str] = &[
    "",
    "-> ()",
    "-> u64",
    "-> Result<User, Error>",
    "-> impl Load",
    "-> &str",
    "-> &'static str",
    "-> Self",
    "-> !",
    "-> BoxFuture<'a, u64>",
    "-> HashMap<u64, Row>",
];

const HEADS: &[&str] = &[
    "fn f",
    "pub fn f",
    "async fn f",
    "pub(crate) async fn f",
    "const fn f",
    "unsafe fn f",
    "extern \"C\" fn f",
    "fn r#type",
    "#[cfg(unix)] fn f",
    "#[expect(dead_code, clippy::x)] fn f",
    "#[cfg_attr(a, must_use)] fn f",
    "struct f",
    "default fn f",
    "#[cached] fn f",
];

const GENERICS: &[&str] = &["", "", "<T>", "<'a, T: Load, const N: usize>", "<'a>"];

const BODIES: &[&str] = &[
    "{}",
    "{ id }",
    "{ Self::x() }",
    "{ impl X { fn a() -> Self { Self } } id }",
    ";",
    "{ struct; impl Self",
    "{ _id + id }",
    "{ self.load(id)?; format!(\"{self} {page}\"); mine!(\"{self}\") }",
];

fn attr(random: &mut Random) -> String {
    let count = random.next(14);
    (0..count).map(|_| random.pick(ATTR)).collect::<Vec<_>>().join(" ")
}

fn item(random: &mut Random) -> String {
    let count = random.next(4);
    let args = (0..count).map(|_| random.pick(ARGS)).collect::<Vec<_>>().join(", ");
    let (head, generics) = (random.pick(HEADS), random.pick(GENERICS));
    let (returns, body) = (random.pick(RETURNS), random.pick(BODIES));
    format!("{head}{generics}({args}) {returns} {body}")
}

#[test]
fn random_tokens() {
    let mut random = Random::new(7);
    let mut accepted = 0;
    for _ in 0..8_000 {
        let (attr, item) = (attr(&mut random), item(&mut random));
        let (Ok(attr_tokens), Ok(item_tokens)) = (attr.parse::<TokenStream>(), item.parse::<TokenStream>()) else {
            continue;
        };
        let expanded = crate::expand_cached(attr_tokens, &item_tokens);
        let text = expanded.to_string();
        if !text.contains("compile_error") {
            accepted += 1;
            // Methods stand in an impl, where free functions can't.
            let inside = quote::quote!(impl X { #expanded });
            let rust = syn::parse2::<syn::File>(expanded).is_ok() || syn::parse2::<syn::File>(inside).is_ok();
            assert!(rust, "#[cached({attr})] {item}\n{text}");
        }
    }
    assert!(accepted > 40, "{accepted}");
}

#[test]
fn random_templates() {
    let mut random = Random::new(11);
    let parts = [
        "<", "<", ">", ">", "id", "page", ".", "()", "0", ":", "-", "{", "}", "r#", "ü", " ", "self", "Self", "_",
        "\u{0}", "(",
    ];
    for _ in 0..8_000 {
        let count = random.next(12);
        let template: String = (0..count).map(|_| random.pick(&parts)).collect();
        let literal = syn::LitStr::new(&template, proc_macro2::Span::call_site());
        let attr = quote::quote!(key = #literal);
        let item = super::tokens("fn f(id: u64, Page { page, .. }: Page) -> u64 { id }");
        let text = crate::expand_cached(attr, &item).to_string();
        assert!(!text.is_empty());
    }
}

#[test]
fn random_derives() {
    let mut random = Random::new(13);
    let words = [
        "struct",
        "enum",
        "union",
        "X",
        "X",
        "<T>",
        "<'a, T: A = u8, const N: usize>",
        "(u8)",
        "(u8, T)",
        "{ a: u8 }",
        "{ r#type: T, b: u8 }",
        "{ A, B(u8), C { a: T }, r#D = 5 }",
        "{}",
        "()",
        ";",
        "where T: B",
        "#[key_part(crate = ::x)]",
        "#[key_part]",
        "#[key_part(y)]",
        "#[key_part = 1]",
    ];
    for _ in 0..5_000 {
        let count = random.next(7);
        let source = (0..count).map(|_| random.pick(&words)).collect::<Vec<_>>().join(" ");
        if let Ok(tokens) = source.parse::<TokenStream>() {
            drop(crate::derive::expand(tokens));
        }
    }
}
