//! What the fuzz targets in `tests/fuzz` run, and what must hold for every input. The unit tests replay the corpora.
//!
//! Not part of the library: it is built for tests and by cargo-fuzz alone.

#![expect(clippy::panic, reason = "a target fails by panicking")]

mod checks;
mod input;
mod parts;
mod reads;
mod script;
mod sign_in;
#[cfg(test)]
#[path = "../../../../tests/fuzz/replay.rs"]
mod tests;
mod writes;

/// A target: its name, which is that of its corpus, and what it runs. It panics if something does not hold.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 14] = [
    ("certificate", parts::certificate),
    ("claims", parts::claims),
    ("client", reads::client),
    ("clients", reads::clients),
    ("config", input::config),
    ("host", input::host),
    ("pem", parts::pem),
    ("realm", reads::realm),
    ("rejection", writes::rejection),
    ("roles", reads::roles),
    ("sign_in", sign_in::sign_in),
    ("text", input::text),
    ("weight", parts::weighed),
    ("writes", writes::writes),
];

/// Runs a target. Nothing happens if there is none of this name.
pub fn run(name: &str, data: &[u8]) {
    if let Some((_, target)) = TARGETS.iter().find(|(known, _)| *known == name) {
        target(data);
    }
}
