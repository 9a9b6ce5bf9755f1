//! The recorded exchanges of one scenario, as a file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::recordings::stand_in::JWT;

/// What one scenario and the server said to each other, with stand-ins for all that differs from
/// run to run. `cargo xtask record` writes these files; nobody else does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fixture {
    /// The scenario's name, which is the file's as well.
    pub scenario: String,
    /// What the scenario does.
    pub about: String,
    /// The version of Keycloak that answered.
    pub keycloak: String,
    /// The path in front of the server's own ones: `/auth`, or nothing.
    pub base: String,
    /// The exchanges, in order.
    pub exchanges: Vec<Exchange>,
}

/// One request and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The number of the group that the request was sent in, if others were under way with it: these
    /// may come in any order. Without one, the request was sent by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub together: Option<usize>,
    /// What was sent.
    pub request: Request,
    /// What came back.
    pub response: Response,
}

/// A recorded request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// The path, percent-encoded as it was sent.
    pub path: String,
    /// The query without its question mark, as it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The headers that make a difference: the body's type, and which token was used.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

/// A recorded answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers that a client may act on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

/// The bytes of a body: text where they are UTF-8, base64 where not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Body {
    /// UTF-8.
    Text(String),
    /// Anything else.
    Binary {
        /// The bytes in base64.
        base64: String,
    },
}

impl Body {
    /// The body that holds these bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        std::str::from_utf8(bytes).map_or_else(
            |_| Self::Binary { base64: BASE64.encode(bytes) },
            |text| Self::Text(text.to_owned()),
        )
    }

    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary { .. } => None,
        }
    }

    /// The bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        match self {
            Self::Text(text) => Ok(text.clone().into_bytes()),
            Self::Binary { base64 } => BASE64.decode(base64).context("a fixture's body is not base64"),
        }
    }
}

impl Fixture {
    /// Where the fixture of a scenario lies.
    #[must_use]
    pub fn path(scenario: &str) -> PathBuf {
        folder().join(format!("{scenario}.json"))
    }

    /// Reads the fixture of a scenario.
    pub fn read(scenario: &str) -> Result<Self> {
        let path = Self::path(scenario);
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!("no fixture {}: record it with `cargo xtask record {scenario}`", path.display())
        })?;
        serde_json::from_str(&text).with_context(|| format!("{} is not a fixture", path.display()))
    }

    /// Writes the fixture to its place.
    pub fn write(&self) -> Result<()> {
        let path = Self::path(&self.scenario);
        std::fs::create_dir_all(folder())?;
        std::fs::write(&path, self.to_text()?)
            .with_context(|| format!("{} cannot be written", path.display()))
    }

    /// The file's text.
    pub fn to_text(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// The exchanges as people read them, JSON bodies one field to a line: for differences.
    #[must_use]
    pub fn to_readable(&self) -> String {
        let mut lines = vec![format!("base {:?}", self.base)];
        for exchange in &self.exchanges {
            let Exchange { together, request, response } = exchange;
            let query = request.query.as_ref().map_or(String::new(), |query| format!("?{query}"));
            lines.push(String::new());
            lines.extend(together.map(|group| format!("together with others, group {group}")));
            lines.push(format!("> {} {}{query}", request.method, request.path));
            readable_part(&mut lines, '>', &request.headers, request.body.as_ref());
            lines.push(format!("< {}", response.status));
            readable_part(&mut lines, '<', &response.headers, response.body.as_ref());
        }
        lines.join("\n") + "\n"
    }
}

fn readable_part(
    lines: &mut Vec<String>,
    mark: char,
    headers: &BTreeMap<String, String>,
    body: Option<&Body>,
) {
    lines.extend(headers.iter().map(|(name, value)| format!("{mark} {name}: {value}")));
    let text = match body {
        None => return,
        Some(Body::Binary { base64 }) => base64.clone(),
        Some(Body::Text(text)) => serde_json::from_str::<serde_json::Value>(text)
            .and_then(|json| serde_json::to_string_pretty(&json))
            .unwrap_or_else(|_| text.clone()),
    };
    lines.extend(text.lines().map(|line| format!("{mark} {}", with_readable_tokens(line))));
}

/// The line with the claims of a token instead of their base64.
fn with_readable_tokens(line: &str) -> String {
    let readable = |token: &regex::Captures<'_>| {
        let claims = URL_SAFE_NO_PAD.decode(&token[1]).unwrap_or_default();
        format!("{}.{}", String::from_utf8_lossy(&claims), &token[2])
    };
    JWT.replace_all(line, readable).into_owned()
}

/// The folder of all fixtures.
#[must_use]
pub fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"))
}

/// The names of all fixtures, sorted.
pub fn names() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder()).context("tests/fixtures cannot be read")? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json")
            && let Some(name) = path.file_stem().and_then(|stem| stem.to_str())
        {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}
