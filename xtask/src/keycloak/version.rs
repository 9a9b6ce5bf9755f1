//! A version of Keycloak, and what differs between versions.

use std::fmt;
use std::str::FromStr;

use anyhow::{Error, bail};
use serde::{Deserialize, Serialize};

/// The version that `specs/` describes, used where none is asked for.
const DEFAULT: &str = "26.7.3";

/// The first major version that this project supports.
const FIRST_MAJOR: u32 = 22;

/// A released version, `26.7.3`; it is safe as part of a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Version {
    text: String,
    major: u32,
}

impl Version {
    /// The environment variables of the first admin's name and password.
    pub(crate) fn bootstrap_variables(&self) -> (&'static str, &'static str) {
        if self.major >= 26 {
            ("KC_BOOTSTRAP_ADMIN_USERNAME", "KC_BOOTSTRAP_ADMIN_PASSWORD")
        } else {
            ("KEYCLOAK_ADMIN", "KEYCLOAK_ADMIN_PASSWORD")
        }
    }
}

impl Default for Version {
    fn default() -> Self {
        Self { text: DEFAULT.to_owned(), major: 26 }
    }
}

impl FromStr for Version {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let numbers: Result<Vec<u32>, _> = text.split('.').map(str::parse).collect();
        let Ok([major, _, _]) = numbers.as_deref() else {
            bail!("`{text}` is no version of Keycloak: expected three numbers, such as {DEFAULT}");
        };
        if *major < FIRST_MAJOR {
            bail!("Keycloak {text} is too old: choose {FIRST_MAJOR}.0.5 or later");
        }
        Ok(Self { text: text.to_owned(), major: *major })
    }
}

impl TryFrom<String> for Version {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.text
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_a_version() {
        assert_eq!(DEFAULT.parse::<Version>().unwrap(), Version::default());
    }

    #[test]
    fn the_bootstrap_variables_changed_with_26() {
        let names = |text: &str| text.parse::<Version>().unwrap().bootstrap_variables();
        assert_eq!(names("22.0.5"), ("KEYCLOAK_ADMIN", "KEYCLOAK_ADMIN_PASSWORD"));
        assert_eq!(names("25.0.6"), ("KEYCLOAK_ADMIN", "KEYCLOAK_ADMIN_PASSWORD"));
        let new = ("KC_BOOTSTRAP_ADMIN_USERNAME", "KC_BOOTSTRAP_ADMIN_PASSWORD");
        assert_eq!(names("26.0.8"), new);
        assert_eq!(names("26.7.3"), new);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "26", "26.7", "26.7.3.1", "../26.7.3", "26.7.x", "21.1.2"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }
}
