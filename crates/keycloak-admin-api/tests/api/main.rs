//! What the patches of the generated client are for, one file per topic: each of these tests fails
//! without its patch.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod failures;
mod fields;
mod path_segments;
mod representations;
mod requests;
mod secrets;
mod support;
