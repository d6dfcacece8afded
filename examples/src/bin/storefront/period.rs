//! The time that a sales report looks back over.

use larder::KeyPart;
use serde::{Deserialize, Serialize};

/// Spelt in the address of a page as `?period=quarter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, KeyPart)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Period {
    Month,
    #[default]
    Quarter,
    Year,
}

impl Period {
    /// All of them, with what the page calls them.
    pub(crate) const CHOICES: [(Self, &'static str); 3] =
        [(Self::Month, "Last 30 days"), (Self::Quarter, "Last 90 days"), (Self::Year, "Last 365 days")];

    pub(crate) const fn days(self) -> u32 {
        match self {
            Self::Month => 30,
            Self::Quarter => 90,
            Self::Year => 365,
        }
    }
}
