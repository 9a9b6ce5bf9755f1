//! Behavior on a real Keycloak, one realm per test. `cargo xtask test` provides the server.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod command;
mod library;
mod pages;
mod seeded;
mod setup;
mod trace;
