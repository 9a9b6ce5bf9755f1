//! The built command, against recorded answers and without a server. `cargo xtask test` builds it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod declared;
mod docs;
mod doctor;
mod errors;
mod interrupt;
mod man;
mod processes;
mod progress;
mod recorded;
mod secrets;
mod settings;
mod shells;
mod terminal;
mod usage;

/// An address where nothing listens: a test that reaches it fails with exit code 7.
const NOWHERE: &str = "http://127.0.0.1:1";
