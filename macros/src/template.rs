//! The text of `key = "..."` becomes literal text and placeholders. Knows nothing of the function.

/// One piece of a template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    Hole(Hole),
}

/// `<root.step.step>`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hole {
    /// The path as written.
    pub(crate) text: String,
    pub(crate) root: String,
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Field(String),
    Index(u32),
    Call(String),
}

/// What can be wrong with the text alone.
#[derive(Debug, PartialEq)]
pub(crate) enum Problem {
    EmptyKey,
    EmptyHole,
    /// A `<` without its `>`; what follows it.
    Unclosed(String),
    /// Between `<` and `>` stands no path.
    NotAPath(String),
    /// Between `<` and `>` stands a call with arguments.
    CallWithArguments(String),
    /// `{id}`.
    Braces(String),
    /// Two placeholders with nothing between them.
    Adjacent(String, String),
    /// Two placeholders with text between them that values may contain, too.
    NotSeparated(String, String, String),
}

/// Reads a template; every problem is reported.
pub(crate) fn parse(template: &str) -> Result<Vec<Piece>, Vec<Problem>> {
    let mut reader = Reader::default();
    if template.is_empty() {
        reader.problems.push(Problem::EmptyKey);
    }
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('<') {
        reader.text(before);
        if let Some(after) = after.strip_prefix('<') {
            reader.text("<");
            rest = after;
        } else if let Some((inner, after)) = after.split_once('>') {
            reader.hole(inner);
            rest = after;
        } else {
            reader.problems.push(Problem::Unclosed(after.to_owned()));
            rest = "";
        }
    }
    reader.text(rest);
    reader.finish()
}

#[derive(Default)]
struct Reader {
    pieces: Vec<Piece>,
    problems: Vec<Problem>,
}

impl Reader {
    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Piece::Text(last)) = self.pieces.last_mut() {
            last.push_str(text);
        } else {
            self.pieces.push(Piece::Text(text.to_owned()));
        }
    }

    fn hole(&mut self, inner: &str) {
        match path(inner) {
            Ok(hole) => self.pieces.push(Piece::Hole(hole)),
            Err(problem) => self.problems.push(problem),
        }
    }

    fn finish(mut self) -> Result<Vec<Piece>, Vec<Problem>> {
        self.find_braces();
        self.find_unseparated();
        if self.problems.is_empty() { Ok(self.pieces) } else { Err(self.problems) }
    }

    fn find_braces(&mut self) {
        for piece in &self.pieces {
            let Piece::Text(text) = piece else { continue };
            let mut rest = text.as_str();
            while let Some((_, after)) = rest.split_once('{') {
                if let Some((inner, _)) = after.split_once('}') {
                    // `{id:?}` and `{id:>8}` mean `id`, too.
                    let name = inner.split_once(':').map_or(inner, |(name, _)| name);
                    if path(name).is_ok() {
                        self.problems.push(Problem::Braces(name.to_owned()));
                    }
                }
                rest = after;
            }
        }
    }

    fn find_unseparated(&mut self) {
        let mut left: Option<&Hole> = None;
        let mut between = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => between.push_str(text),
                Piece::Hole(right) => {
                    if let Some(left) = left
                        && !between.chars().any(separates)
                    {
                        let (left, right) = (left.text.clone(), right.text.clone());
                        self.problems.push(if between.is_empty() {
                            Problem::Adjacent(left, right)
                        } else {
                            Problem::NotSeparated(left, between.clone(), right)
                        });
                    }
                    left = Some(right);
                    between.clear();
                }
            }
        }
    }
}

/// A character that no rendered value contains.
fn separates(c: char) -> bool {
    c.is_ascii() && !c.is_ascii_alphanumeric() && !"_-.+~()[],%".contains(c)
}

/// Whether the text could stand between `<` and `>`.
pub(crate) fn is_path(text: &str) -> bool {
    path(text).is_ok()
}

// root(.field | .0 | .method())*
fn path(text: &str) -> Result<Hole, Problem> {
    if text.is_empty() {
        return Err(Problem::EmptyHole);
    }
    let mut steps = text.split('.');
    let root = steps.next().unwrap_or_default();
    if !is_name(root) {
        return Err(not_a_path(text));
    }
    let steps = steps.map(step).collect::<Option<_>>().ok_or_else(|| not_a_path(text))?;
    Ok(Hole { text: text.to_owned(), root: root.to_owned(), steps })
}

fn not_a_path(text: &str) -> Problem {
    let text = text.to_owned();
    match text.split_once('(') {
        Some((before, after)) if before.split('.').all(|part| !part.is_empty()) && !after.starts_with(')') => {
            Problem::CallWithArguments(text)
        }
        _ => Problem::NotAPath(text),
    }
}

fn step(text: &str) -> Option<Step> {
    if let Some(name) = text.strip_suffix("()") {
        return is_name(name).then(|| Step::Call(name.to_owned()));
    }
    if !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit()) {
        return text.parse().ok().map(Step::Index);
    }
    is_name(text).then(|| Step::Field(text.to_owned()))
}

/// An identifier, raw ones and keywords included.
fn is_name(text: &str) -> bool {
    let name = text.strip_prefix("r#").unwrap_or(text);
    let plain = name.chars().all(|c| c == '_' || c.is_alphanumeric());
    plain && name != "_" && syn::parse_str::<Name>(name).is_ok()
}

struct Name;

impl syn::parse::Parse for Name {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        use syn::ext::IdentExt as _;
        proc_macro2::Ident::parse_any(input).map(|_| Self)
    }
}
