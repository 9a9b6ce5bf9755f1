//! The built command, against recorded answers and without a server. `cargo xtask test` builds it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod recorded;
mod usage;
