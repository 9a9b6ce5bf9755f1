//! What a fixture writes instead of a value that differs from run to run, or that is secret.
//!
//! A recording *numbers* such values; a replay *binds* them. Most of them are first seen in an
//! answer and stand for themselves. The core draws the id and the secret of a new client itself:
//! these are first seen in a request, and there the stand-in takes on whatever value of its kind
//! is sent.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

/// The realm that every fixture speaks of, whatever it was called while recording.
pub const REALM: &str = "insights";
/// The server's host and port.
pub const ADDRESS: &str = "server.stand-in";
/// The administrator's name.
pub const USERNAME: &str = "admin";
/// Every point in time, in seconds since 1970.
pub const INSTANT: i64 = 1_700_000_000;

/// The kinds of value that are numbered in order of their first appearance in a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An id in the form of a UUID.
    Uuid,
    /// A client's secret.
    Secret,
    /// A user's password.
    Password,
    /// A token: this stands in place of its signature.
    Token,
    /// A login session.
    Session,
    /// A signing key, or its id.
    Key,
}

impl Kind {
    /// The `number`th stand-in of this kind.
    #[must_use]
    pub fn stand_in(self, number: usize) -> String {
        let word = match self {
            Self::Uuid => return format!("00000000-0000-4000-8000-{number:012}"),
            Self::Secret => "secret",
            Self::Password => "password",
            Self::Token => "token",
            Self::Session => "session",
            Self::Key => "key",
        };
        format!("stand-in-{word}-{number}")
    }
}

/// A signed token: three parts in base64url.
pub(crate) static JWT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\beyJ[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)"));

/// A regular expression that is part of this program.
pub(crate) fn pattern(text: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "the text is a constant of this crate")]
    Regex::new(text).expect("a constant pattern")
}

/// A UUID, alone or within a longer text.
pub(crate) static UUID: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"));

static STAND_IN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"00000000-0000-4000-8000-[0-9]{12}|stand-in-(?:secret|password|token|session|key)-[0-9]+")
});

/// What the stand-ins of one fixture stand for while it is replayed.
#[derive(Debug, Clone)]
pub struct Bindings {
    address: String,
    values: HashMap<String, String>,
}

impl Bindings {
    /// Nothing is bound yet but the server's address, `host:port`.
    #[must_use]
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned(), values: HashMap::new() }
    }

    /// Whether `actual` is what the recorded `template` says, binding stand-ins that are new.
    /// After `false` some may be bound that should not be: try on a clone.
    #[must_use]
    pub fn matches(&mut self, template: &str, actual: &str) -> bool {
        let template = template.replace(ADDRESS, &self.address);
        let mut rest = actual;
        let mut end = 0;
        for found in STAND_IN.find_iter(&template) {
            let Some(after) = rest.strip_prefix(&template[end..found.start()]) else {
                return false;
            };
            end = found.end();
            let Some(after) = self.take(found.as_str(), after, &template[end..]) else {
                return false;
            };
            rest = after;
        }
        rest == &template[end..]
    }

    /// Takes the value of `stand_in` off the front of `text`, or nothing if another is there.
    fn take<'t>(&mut self, stand_in: &str, text: &'t str, following: &str) -> Option<&'t str> {
        if let Some(value) = self.values.get(stand_in) {
            return text.strip_prefix(value.as_str());
        }
        let length = if stand_in.starts_with("stand-in-") {
            // Secrets have no form of their own: all up to what the template goes on with.
            if following.is_empty() { text.len() } else { text.find(following)? }
        } else {
            UUID.find(text).filter(|found| found.start() == 0)?.len()
        };
        let (value, rest) = text.split_at(length);
        if value.is_empty() || self.values.values().any(|bound| bound == value) {
            return None;
        }
        self.values.insert(stand_in.to_owned(), value.to_owned());
        Some(rest)
    }

    /// The recorded `template` with its stand-ins replaced by what they stand for; those that no
    /// request has bound stand for themselves from now on. `json` escapes the values.
    #[must_use]
    pub fn fill(&mut self, template: &str, json: bool) -> String {
        let template = template.replace(ADDRESS, &self.address);
        let mut filled = String::with_capacity(template.len());
        let mut end = 0;
        for found in STAND_IN.find_iter(&template) {
            filled.push_str(&template[end..found.start()]);
            end = found.end();
            let stand_in = found.as_str();
            let value = self.values.entry(stand_in.to_owned()).or_insert_with(|| stand_in.to_owned());
            if json {
                let quoted = serde_json::Value::String(value.clone()).to_string();
                filled.push_str(&quoted[1..quoted.len() - 1]);
            } else {
                filled.push_str(value);
            }
        }
        filled.push_str(&template[end..]);
        filled
    }

    /// `text` with every bound value replaced by its stand-in again.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let mut bound: Vec<_> = self.values.iter().collect();
        // The longest first: one value may be part of another.
        bound.sort_by_key(|(stand_in, value)| (usize::MAX - value.len(), *stand_in));
        let text =
            bound.into_iter().fold(text.to_owned(), |text, (stand_in, value)| text.replace(value, stand_in));
        text.replace(&self.address, ADDRESS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWN: &str = "9b2c1b84-2f0f-4a36-8f0e-1a53c7a1c1de";

    #[test]
    fn a_new_stand_in_takes_what_is_sent_and_keeps_it() {
        let mut bindings = Bindings::new("127.0.0.1:1");
        let (first, second) = (Kind::Uuid.stand_in(1), Kind::Uuid.stand_in(2));
        assert!(bindings.matches(&format!("/clients/{first}/x"), &format!("/clients/{DRAWN}/x")));
        assert!(bindings.matches(&first, DRAWN));
        assert!(!bindings.matches(&first, &DRAWN.replace('9', "8")), "it is bound already");
        assert!(!bindings.clone().matches(&second, DRAWN), "two stand-ins are two values");
        assert_eq!(bindings.fill(&first, false), DRAWN);
        assert_eq!(bindings.redact(DRAWN), first);
    }

    #[test]
    fn what_the_server_said_first_must_come_back_unchanged() {
        let mut bindings = Bindings::new("127.0.0.1:1");
        let said = Kind::Uuid.stand_in(1);
        assert_eq!(bindings.fill(&said, false), said);
        assert!(!bindings.clone().matches(&said, DRAWN));
        assert!(bindings.matches(&said, &said));
    }

    #[test]
    fn a_secret_may_be_any_text_but_not_empty() {
        let mut bindings = Bindings::new("127.0.0.1:1");
        let secret = Kind::Secret.stand_in(1);
        assert!(!bindings.clone().matches(&secret, ""));
        assert!(bindings.matches(&secret, "a \"quoted\" one"));
        assert_eq!(bindings.fill(&secret, true), "a \\\"quoted\\\" one");
        assert!(!bindings.matches("another text", "a \"quoted\" one"));
    }

    #[test]
    fn the_address_is_the_replay_servers_own() {
        let mut bindings = Bindings::new("127.0.0.1:4711");
        assert_eq!(bindings.fill("http://server.stand-in/auth", false), "http://127.0.0.1:4711/auth");
        assert_eq!(bindings.redact("http://127.0.0.1:4711/x"), "http://server.stand-in/x");
    }
}
