//! The connection settings and the source of each value. Flags take precedence over the environment, then
//! profiles, then defaults.
//!
//! `table` (all settings) -> `flags`, `profile` -> `resolve` (precedence) -> `manager` (the core's builder).

mod check;
mod flags;
mod manager;
mod profile;
mod resolve;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use crate::settings::check::is_plain_http_elsewhere;
#[cfg(any(test, fuzzing))]
pub(crate) use crate::settings::check::{retries, seconds};
pub(crate) use crate::settings::flags::ConnectionArgs;
pub(crate) use crate::settings::manager::{Credential, SignIn, build};
pub(crate) use crate::settings::profile::{FileState, candidates};
pub(crate) use crate::settings::resolve::{Resolved, Settings, Source};
pub(crate) use crate::settings::table::{Kind, SETTINGS, Setting};
