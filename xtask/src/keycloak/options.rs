//! What one may ask of a server: version, port, relative path.

use super::relative_path::RelativePath;
use super::state::State;
use super::version::Version;

/// Each is optional, so that a server that runs already is found without repeating them.
#[derive(clap::Args, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    #[arg(long, help = format!("Version of Keycloak, {} or later (default: the one that `specs/` describes)", Version::OLDEST))]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::group::Leader;

    #[test]
    fn only_what_was_asked_for_can_differ() {
        let state = State {
            leader: Leader { pid: 42, started: "then".to_owned(), home: "/somewhere".into() },
            version: "26.0.8".parse().unwrap(),
            port: 8080,
            relative_path: RelativePath::default(),
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
