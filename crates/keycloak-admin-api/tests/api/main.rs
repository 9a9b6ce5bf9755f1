//! Tests of the patches of the generated client, one file per topic. Each test fails without its patch.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod failures;
mod fields;
mod path_segments;
mod representations;
mod requests;
mod secrets;
mod support;
