//! What one may ask of a server: version, port, relative path.

use std::fmt;
use std::str::FromStr;

use anyhow::{Error, bail};
use serde::{Deserialize, Serialize};

use super::state::State;
use super::version::Version;

/// Each is optional, so that a server that runs already is found without repeating them.
#[derive(clap::Args, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Version of Keycloak, 22.0.5 or later (default: the one that `specs/` describes)
    #[arg(long)]
    pub(crate) version: Option<Version>,
    /// Port on 127.0.0.1 (default: a free one)
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// Where Keycloak sits below the host, `/` for the root (default: /auth)
    #[arg(long)]
    pub(crate) relative_path: Option<RelativePath>,
}

impl Options {
    /// What `state` has that was asked for differently, as a sentence.
    pub(crate) fn mismatch(&self, state: &State) -> Option<String> {
        let differs = |name: &str, asked: Option<String>, has: String| {
            asked.filter(|asked| *asked != has).map(|asked| format!("{name} {asked} was asked for"))
        };
        let found = [
            differs("version", self.version.as_ref().map(Version::to_string), state.version.to_string()),
            differs("port", self.port.map(|port| port.to_string()), state.port.to_string()),
            differs(
                "relative path",
                self.relative_path.as_ref().map(RelativePath::to_string),
                state.relative_path.to_string(),
            ),
        ];
        let found: Vec<String> = found.into_iter().flatten().collect();
        (!found.is_empty()).then(|| {
            format!(
                "Keycloak {} runs already at {}, but {}: stop it first with \
                 `cargo xtask keycloak down`, or leave the option out",
                state.version,
                state.base_url(),
                found.join(" and ")
            )
        })
    }
}

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

    #[test]
    fn only_what_was_asked_for_can_differ() {
        let state = State {
            pid: 42,
            started: "then".to_owned(),
            version: "26.0.8".parse().unwrap(),
            port: 8080,
            relative_path: RelativePath::default(),
            home: "/somewhere".into(),
        };
        assert_eq!(Options::default().mismatch(&state), None);
        let same = Options {
            version: "26.0.8".parse().ok(),
            port: Some(8080),
            relative_path: "/auth/".parse().ok(),
        };
        assert_eq!(same.mismatch(&state), None);
        let other =
            Options { version: "24.0.5".parse().ok(), port: Some(8081), relative_path: "/".parse().ok() };
        let text = other.mismatch(&state).unwrap();
        for part in ["version 24.0.5", "port 8081", "relative path /", "keycloak down"] {
            assert!(text.contains(part), "{text}");
        }
    }
}
