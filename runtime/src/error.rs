//! What explicit operations report. A call of an annotated function never fails because of its cache.

use std::fmt;

/// Why an explicit operation on a cache failed.
///
/// The kind says what went wrong; the text of `Display` names the operation, what it was about, and what to do. The
/// wording is not part of the interface.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: &'static str,
    subject: String,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting of the builder, an environment variable or a URL has a value that can't be used.
    Configuration,
    /// A timeout of zero: it would store nothing. Delete the entry, or don't store it.
    ZeroTimeout,
    /// The entry under this key holds a value of another type.
    WrongType,
    /// A number in the cache would leave the range of `i64`.
    Overflow,
    /// The process's default cache is already there.
    AlreadyInstalled,
    /// Refreshes on the side still run when the time given to wait for them is over.
    Unfinished,
    /// The shared tier did not acknowledge the operation: see the text, and [`source`](std::error::Error::source).
    NotAcknowledged,
    /// A value can't go to the shared tier.
    NotShareable,
    /// Something of the program's own failed: see [`Error::other`].
    Other,
}

impl Error {
    pub(crate) fn new(
        kind: ErrorKind,
        operation: &'static str,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self(Box::new(Inner { kind, operation, subject: subject.into(), message: message.into(), source: None }))
    }

    pub(crate) fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    /// The failure of an invalidation that the program itself implements (see [`Invalidate`](crate::Invalidate)).
    ///
    /// ```
    /// use std::error::Error as _;
    ///
    /// let error = larder::Error::other("the search index did not answer");
    /// assert_eq!(error.kind(), larder::ErrorKind::Other);
    /// assert_eq!(error.source().unwrap().to_string(), "the search index did not answer");
    /// ```
    pub fn other(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let mut error = Self::new(ErrorKind::Other, "invalidate", "", "it failed outside the cache");
        error.0.source = Some(source.into());
        error
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation that failed, as its method is called: `set`, `build`, `install` ...
    #[must_use]
    pub fn operation(&self) -> &str {
        self.0.operation
    }

    /// What the operation was about: a key, or the name of a setting.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.0.subject
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.0.operation)?;
        if !self.0.subject.is_empty() {
            write!(f, "{}: ", self.0.subject)?;
        }
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("operation", &self.0.operation)
            .field("subject", &self.0.subject)
            .field("message", &self.0.message)
            .field("source", &self.0.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}
