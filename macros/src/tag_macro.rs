//! `tag!("team:<team_id>")`: the text of a tag, rendered as that of a key is.
//!
//! ```text
//! tag(&cache(), |key| { key.text("team:"); key.part(&team_id); })
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, LitStr, Path, Token};

use crate::attr::{Given, next_token, skip_to_comma};
use crate::diag::keys::Subject;
use crate::diag::{self, Errors};
use crate::expand;
use crate::paths::Paths;
use crate::scan;
use crate::template::{self, Hole, Piece};
use crate::value;

#[derive(Default)]
struct Tag {
    text: Option<LitStr>,
    /// A name was given, be it right or wrong.
    named: bool,
    cache: Option<Given<Expr>>,
    krate: Option<Given<Path>>,
}

pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut tag = Tag::default();
    let parse = |input: ParseStream<'_>| {
        tag.read(input, &mut errors);
        Ok(())
    };
    if let Err(error) = parse.parse2(tokens) {
        errors.push(error);
    }
    let span = Span::mixed_site();
    let paths = Paths::at(tag.krate.as_ref().map(|path| &path.value));
    let statements = tag.statements(&mut errors);
    let (function, cache) = (paths.private("tag"), tag.cache(&paths));
    let key = if statements.is_empty() { quote_spanned!(span=> _) } else { quote_spanned!(span=> __key) };
    let made = quote_spanned!(span=> #function(#cache, |#key| { #(#statements)* }));
    // A tag in any case, so that what is done with it is no further error.
    if errors.is_empty() { made } else { quote_spanned!(span=> { #errors #made }) }
}

impl Tag {
    // "text", option, option
    fn read(&mut self, input: ParseStream<'_>, errors: &mut Errors) {
        while !input.is_empty() {
            if let Err(error) = self.item(input) {
                errors.push(error);
                skip_to_comma(input);
            } else if !input.is_empty() && !input.peek(Token![,]) {
                errors.push(diag::tag_macro::missing_comma(&next_token(input)));
                skip_to_comma(input);
            }
            let _: syn::Result<Option<Token![,]>> = input.parse();
        }
        if !self.named {
            let options = self.options();
            let first = self.cache.as_ref().map(|cache| &cache.key).or(self.krate.as_ref().map(|krate| &krate.key));
            errors.push(diag::tag_macro::without_name(first.map_or_else(Span::call_site, Ident::span), &options));
        }
    }

    fn item(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        if input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
            return self.read_option(input);
        }
        let start = next_token(input);
        let value = input.fork().parse::<Expr>().ok().map(value::peel);
        let text = match &value {
            Some(Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. })) if text.suffix().is_empty() => Some(text),
            _ => None,
        };
        if self.named {
            let name = self.text.as_ref();
            return Err(match value {
                Some(value) if text.is_none() => diag::tag_macro::argument(&value, name),
                _ => diag::tag_macro::no_option(&start),
            });
        }
        self.named = true;
        let Some(text) = text else {
            return Err(diag::tag_macro::name_not_a_literal(&start));
        };
        let _: Expr = input.parse()?;
        self.text = Some(text.clone());
        match self.options() {
            options if options.is_empty() => Ok(()),
            options => Err(diag::tag_macro::name_not_first(text, &options)),
        }
    }

    /// The options so far, as they stand behind the name.
    fn options(&self) -> String {
        let cache = self.cache.iter().map(|cache| (&cache.key, cache.value.to_token_stream()));
        let krate = self.krate.iter().map(|krate| (&krate.key, krate.value.to_token_stream()));
        let options = cache.chain(krate).map(|(key, value)| format!(", {key} = {}", scan::text(&value)));
        options.collect::<Vec<_>>().concat()
    }

    // cache = expression | crate = ::path
    fn read_option(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let key = Ident::parse_any(input)?;
        if key == "cache" && self.cache.is_none() {
            let value = value::cache(&key, input)?;
            self.cache = Some(Given { key, value });
        } else if key == "crate" && self.krate.is_none() {
            let value = value::krate(&key, input)?;
            self.krate = Some(Given { key, value });
        } else if key == "cache" || key == "crate" {
            return Err(diag::options::duplicate_option(&key));
        } else {
            return Err(diag::tag_macro::unknown_option(&key));
        }
        Ok(())
    }

    fn cache(&self, paths: &Paths) -> TokenStream {
        let span = Span::mixed_site();
        let current = || {
            let cache = paths.private("cache");
            quote_spanned!(span=> &#cache())
        };
        self.cache.as_ref().map_or_else(current, |cache| expand::borrowed_cache(paths, &cache.value))
    }

    fn statements(&self, errors: &mut Errors) -> Vec<TokenStream> {
        let span = Span::mixed_site();
        let Some(text) = &self.text else { return Vec::new() };
        let pieces = template::parse(&text.value()).unwrap_or_else(|problems| {
            for problem in problems {
                errors.push(diag::keys::template(text, Subject::Tag, problem));
            }
            Vec::new()
        });
        let statement = |piece: &Piece| match piece {
            Piece::Text(literal) => {
                let literal = LitStr::new(literal, span);
                Ok(quote_spanned!(span=> __key.text(#literal);))
            }
            Piece::Hole(hole) => placeholder(text, hole),
        };
        let mut statements = Vec::new();
        for piece in &pieces {
            match statement(piece) {
                Ok(statement) => statements.push(statement),
                Err(error) => errors.push(error),
            }
        }
        statements
    }
}

/// `key.part(&user.id);`, with the meaning that `user` has where the literal stands.
fn placeholder(text: &LitStr, hole: &Hole) -> syn::Result<TokenStream> {
    let ours = Span::mixed_site().located_at(text.span());
    if hole.root == "Self" {
        if !hole.steps.is_empty() {
            return Err(diag::keys::path_behind_self_type(text, &hole.text));
        }
        let self_type = Ident::new("Self", text.span());
        return Ok(quote_spanned!(ours=> __key.self_name::<#self_type>();));
    }
    let root =
        if hole.root == "self" { Ident::new("self", text.span()) } else { expand::member(&hole.root, text.span()) };
    let path = expand::path(&root, &hole.steps, ours);
    Ok(quote_spanned!(ours=> __key.part(&#path);))
}
