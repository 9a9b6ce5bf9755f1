//! What the tests stand on: scenarios, their recording from a real Keycloak, and their replay.
//!
//! A *scenario* is a use of the core against a prepared realm. `cargo xtask record` runs it through
//! a [recorder](recordings::recorder) in front of a real server and writes what passed, [normalized](recordings::normalize), to a
//! [fixture](recordings::fixture). The tests run the same scenario against a [replay](recordings::replay) of that file.

pub mod keycloak;
pub mod programs;
pub mod proxies;
pub mod recordings;
pub mod scenarios;
pub mod seeded;

/// The Rust examples of the library guide compile.
#[cfg(doctest)]
#[doc = include_str!("../../crates/kxi-auth-cli/docs/library.md")]
struct Library;

/// The Rust example of the page for Python users compiles.
#[cfg(doctest)]
#[doc = include_str!("../../crates/kxi-auth-cli/docs/python.md")]
struct Python;
