//! Targets: the configuration files of the `kxi` command.

use std::path::PathBuf;

use super::{MARKER, is_fit};
use crate::settings::candidates;

/// `config.toml`.
pub(super) fn toml(data: &[u8]) {
    read(0, data);
}

/// `cli-config`.
pub(super) fn ini(data: &[u8]) {
    read(1, data);
}

fn read(form: usize, data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let text = &planted(text);
    let Some(file) = candidates(Some(PathBuf::from("/home/u"))).into_iter().nth(form) else { return };
    for wanted in [None, Some("default"), Some("staging")] {
        match file.parse(text, wanted) {
            // It lists the names of the profiles.
            Err(failure) => is_fit(&failure, 2 * text.len()),
            Ok(None) => assert!(wanted.is_none(), "a profile that was asked for is missing"),
            Ok(Some(profile)) => {
                assert!(wanted.is_none_or(|wanted| wanted == profile.name), "another profile");
                let shown = format!("{profile:?}");
                assert!(!shown.contains(MARKER), "a secret is shown: {shown}");
                for key in ["hostname", "admin-url"] {
                    assert!(profile.get(key).is_none_or(|address| address.contains("://")), "{shown}");
                }
            }
        }
    }
}

/// The text with the marker in each secret: a line that begins with its name. In a text of several lines such a line can
/// be part of a name, so nothing is planted there.
fn planted(text: &str) -> String {
    if text.contains("\"\"\"") || text.contains("'''") {
        return text.to_owned();
    }
    let line = |line: &str| match ["client-secret = \"", "client-secret = "]
        .iter()
        .find_map(|key| Some((key, line.strip_prefix(key)?)))
    {
        Some((key, rest)) => format!("{key}{MARKER}{rest}"),
        None => line.to_owned(),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}
