//! A version of Keycloak, and what differs between versions.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context as _, Error, bail};
use serde::{Deserialize, Serialize};

use crate::{spec, workspace};

/// The oldest version that this project supports: the whole suite passes on it, and on the newest.
const OLDEST: [u32; 3] = [22, 0, 5];

/// A released version, such as `24.0.5`; it is safe as part of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Version([u32; 3]);

impl Version {
    /// The oldest version that this project supports.
    pub(crate) const OLDEST: Self = Self(OLDEST);

    /// The version that `specs/` describes, used where none is asked for.
    pub(crate) fn of_specs() -> Result<Self, Error> {
        spec::pom_version(&workspace::root())?
            .parse()
            .with_context(|| format!("keycloak.version in {}", spec::POM))
    }

    /// The environment variables of the first admin's name and password.
    pub(crate) fn bootstrap_variables(self) -> (&'static str, &'static str) {
        if self.0[0] >= 26 {
            ("KC_BOOTSTRAP_ADMIN_USERNAME", "KC_BOOTSTRAP_ADMIN_PASSWORD")
        } else {
            ("KEYCLOAK_ADMIN", "KEYCLOAK_ADMIN_PASSWORD")
        }
    }
}

impl FromStr for Version {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let numbers: Result<Vec<u32>, _> = text.split('.').map(str::parse).collect();
        let Ok(&[major, minor, patch]) = numbers.as_deref() else {
            bail!("`{text}` is no version of Keycloak: expected three numbers, such as 24.0.5");
        };
        let version = Self([major, minor, patch]);
        if version < Self::OLDEST {
            bail!("Keycloak {text} is too old: choose {} or later", Self::OLDEST);
        }
        Ok(version)
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
        version.to_string()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([major, minor, patch]) = self;
        write!(formatter, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_what_the_specs_say() {
        let readme = spec::Provenance::read(&workspace::root()).unwrap();
        assert_eq!(Version::of_specs().unwrap().to_string(), readme.version);
    }

    #[test]
    fn the_bootstrap_variables_changed_with_26() {
        let names = |text: &str| text.parse::<Version>().unwrap().bootstrap_variables();
        assert_eq!(names("22.0.5"), ("KEYCLOAK_ADMIN", "KEYCLOAK_ADMIN_PASSWORD"));
        assert_eq!(names("25.0.6"), ("KEYCLOAK_ADMIN", "KEYCLOAK_ADMIN_PASSWORD"));
        let new = ("KC_BOOTSTRAP_ADMIN_USERNAME", "KC_BOOTSTRAP_ADMIN_PASSWORD");
        assert_eq!(names("26.0.8"), new);
        assert_eq!(names("27.1.0"), new);
    }

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        assert!(version("26.4.0") < version("26.10.0") && version("24.0.5") < version("26.0.8"));
        assert_eq!(version("22.0.5"), Version::OLDEST);
        assert_eq!(version("26.7.3").to_string(), "26.7.3");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "26", "26.0", "26.0.8.1", "../26.0.8", "26.0.x", "21.1.2", "22.0.4"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }
}
