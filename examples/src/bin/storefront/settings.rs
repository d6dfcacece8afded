//! What the environment says: `PORT` and `STOREFRONT_DB`.
//!
//! A value that can't be used is an error that names its variable, never a silent default.

use std::env::{self, VarError};
use std::path::PathBuf;

const DEFAULT_PORT: u16 = 3000;

/// Beside the examples, whatever folder the program is started from; git ignores it.
const DEFAULT_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/storefront.db");

/// Where the shop listens and where it keeps its data.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) port: u16,
    pub(crate) file: PathBuf,
}

impl Settings {
    /// Reads both variables; one that is unset or empty takes its default.
    pub(crate) fn from_env() -> Result<Self, String> {
        Ok(Self {
            port: port(variable("PORT")?.as_deref())?,
            file: variable("STOREFRONT_DB")?.map_or_else(|| DEFAULT_FILE.into(), PathBuf::from),
        })
    }
}

fn variable(name: &str) -> Result<Option<String>, String> {
    match env::var(name) {
        Ok(text) if text.is_empty() => Ok(None),
        Ok(text) => Ok(Some(text)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is not valid UTF-8")),
    }
}

fn port(text: Option<&str>) -> Result<u16, String> {
    text.map_or(Ok(DEFAULT_PORT), |text| {
        text.trim().parse().map_err(|_| {
            format!(
                "PORT is `{text}`, which is no port\n\
                 help: give a number from 1 to 65535, or 0 for any free port: PORT=3001"
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_port_is_named() {
        assert_eq!(port(None), Ok(DEFAULT_PORT));
        assert_eq!(port(Some("8080")), Ok(8080));
        for bad in ["http", "-1", "65536"] {
            assert!(port(Some(bad)).is_err_and(|message| message.contains("PORT") && message.contains(bad)));
        }
    }
}
