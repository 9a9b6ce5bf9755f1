//! The settings of the connection: flags before environment before profile before default, and where
//! each value came from.
//!
//! `table` (what there is) -> `flags`, `profile` -> `resolve` (what counts) -> `manager` (what the core is given).

mod check;
mod flags;
mod manager;
mod profile;
mod resolve;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use crate::settings::check::is_plain_http_elsewhere;
pub(crate) use crate::settings::flags::ConnectionArgs;
pub(crate) use crate::settings::manager::{Credential, SignIn, build};
pub(crate) use crate::settings::profile::{FileState, candidates};
pub(crate) use crate::settings::resolve::{Resolved, Settings, Source};
pub(crate) use crate::settings::table::{Kind, SETTINGS, Setting};
