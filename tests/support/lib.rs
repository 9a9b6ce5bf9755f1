//! What the tests stand on: scenarios, their recording from a real Keycloak, and their replay.
//!
//! A *scenario* is a use of the core against a prepared realm. `cargo xtask record` runs it through
//! a [`recorder`] in front of a real server and writes what passed, [normalised](normalize), to a
//! [`fixture`]. The tests run the same scenario against a [`replay`] of that file.

pub mod command;
pub mod crowd;
pub mod faults;
pub mod fixture;
mod json_rules;
pub mod listener;
pub mod normalize;
pub mod pages;
pub mod processes;
pub mod programs;
pub mod pty;
pub mod realm;
pub mod recorder;
pub mod replay;
pub mod scenarios;
pub mod shells;
pub mod stand_in;
pub mod tap;

/// The README's Rust example compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// So does that of the page for users of Python.
#[cfg(doctest)]
#[doc = include_str!("../../crates/kxi-auth-cli/docs/python.md")]
struct Python;
