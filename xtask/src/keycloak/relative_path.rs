//! Where a server sits below its host.

use std::fmt;
use std::str::FromStr;

use anyhow::{Error, bail};
use serde::{Deserialize, Serialize};

/// An absolute URL path without a slash at its end; the root is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct RelativePath(String);

impl RelativePath {
    /// What follows the host in a base URL: empty for the root.
    pub(crate) fn suffix(&self) -> &str {
        &self.0
    }
}

impl Default for RelativePath {
    fn default() -> Self {
        Self("/auth".to_owned())
    }
}

impl FromStr for RelativePath {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let legal = |part: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~.".contains(&byte);
            !matches!(part, "" | "." | "..") && part.bytes().all(plain)
        };
        if !text.starts_with('/') {
            bail!("`{text}` is no relative path: it must begin with a slash, as in /auth");
        }
        let path = text.strip_suffix('/').unwrap_or(text);
        if !path.split('/').skip(1).all(legal) {
            bail!("`{text}` is no relative path: use letters, digits and -_~. between slashes");
        }
        Ok(Self(path.to_owned()))
    }
}

impl TryFrom<String> for RelativePath {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<RelativePath> for String {
    fn from(path: RelativePath) -> Self {
        path.to_string()
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_empty() { "/" } else { &self.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_and_a_slash_at_the_end() {
        let suffix = |text: &str| text.parse::<RelativePath>().unwrap().suffix().to_owned();
        assert_eq!(suffix("/"), "");
        assert_eq!(suffix("/auth"), "/auth");
        assert_eq!(suffix("/auth/"), "/auth");
        assert_eq!(suffix("/a/b-c_d"), "/a/b-c_d");
    }

    #[test]
    fn other_paths_are_refused() {
        for text in ["", "auth", "//", "/a//b", "/../x", "/a b", "/a?b", "/a'b", "/a//"] {
            assert!(text.parse::<RelativePath>().is_err(), "{text}");
        }
    }
}
