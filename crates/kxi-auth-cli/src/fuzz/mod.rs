//! What the fuzz targets in `tests/fuzz` run, and what must hold for every input. The unit tests replay the corpora.
//!
//! Not part of the command: it is built for tests and by cargo-fuzz alone.

#![expect(clippy::panic, reason = "a target fails by panicking")]

mod declared;
mod printed;
mod profile;
mod secret;
mod setting;
#[cfg(test)]
#[path = "../../../../tests/fuzz/replay.rs"]
mod tests;

/// Stands in an input where a secret belongs.
const MARKER: &str = "s3cr3t-marker";

/// A target: its name, which is that of its corpus, and what it runs. It panics if something does not hold.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 9] = [
    ("config_file", declared::config_file),
    ("declaration", declared::declaration),
    ("printed", printed::printed),
    ("profile_ini", profile::ini),
    ("profile_toml", profile::toml),
    ("secret_file", secret::file),
    ("secret_text", secret::text),
    ("set_field", declared::set_field),
    ("settings", setting::settings),
];

/// Runs a target. Nothing happens if there is none of this name.
pub fn run(name: &str, data: &[u8]) {
    if let Some((_, target)) = TARGETS.iter().find(|(known, _)| *known == name) {
        target(data);
    }
}

/// What a failure shows contains no secret, and is short. `given` is the length of what it may repeat.
fn is_fit(failure: &crate::failure::Failure, given: usize) {
    let shown = format!("{failure:?}");
    assert!(!shown.contains(MARKER), "a secret is shown: {shown}");
    assert!(shown.len() <= 4096 + 10 * given, "a failure of {} bytes", shown.len());
}
