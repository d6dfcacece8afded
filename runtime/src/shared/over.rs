//! What a lease is taken in spite of: a value that is of no use, or another's lease.

use super::store::Token;

/// What a lease is taken in spite of. Who has seen a value that is of no use, or a holder whose load will be of none, means that
/// one and no other: in the meantime another process may have made what is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// What is known.
    Known {
        /// How the value begins, of which it is known that it is of no use. `None`: no value is known.
        value: Option<Vec<u8>>,
        /// Who loses the lease. `None`: nobody.
        holder: Option<Token>,
    },
    /// Whatever value there is, and whoever has the lease.
    Everything,
}

impl Over {
    /// Neither a value nor another's lease.
    pub const NOTHING: Self = Self::Known { value: None, holder: None };

    /// How many bytes tell a value of larder from every other one: the head. A number that was added to since has the same.
    const TELLING: usize = 64;

    /// A value, which stands here whole or with its first 64 bytes at least.
    #[must_use]
    pub fn value(value: &[u8]) -> Self {
        Self::Known { value: Some(Self::telling(value).to_vec()), holder: None }
    }

    /// How this value begins, which no other does.
    pub(crate) fn telling(value: &[u8]) -> &[u8] {
        value.get(..Self::TELLING).unwrap_or(value)
    }

    /// May a lease be taken beside this value?
    #[must_use]
    pub fn permits_value(&self, there: &[u8]) -> bool {
        match self {
            Self::Known { value, .. } => value.as_ref().is_some_and(|known| there.starts_with(known)),
            Self::Everything => true,
        }
    }

    /// May a lease be taken from this holder?
    #[must_use]
    pub fn permits_holder(&self, has: Token) -> bool {
        match self {
            Self::Known { holder, .. } => *holder == Some(has),
            Self::Everything => true,
        }
    }
}
