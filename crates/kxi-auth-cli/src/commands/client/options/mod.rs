//! Options that several commands share, each with the code that reads it.

mod allow;
mod config;
mod groups;
mod roles;
mod secret;
mod secret_out;

pub(super) use crate::commands::client::options::allow::AllowArgs;
pub(super) use crate::commands::client::options::config::{ConfigArgs, config};
#[cfg(any(test, fuzzing))]
pub(crate) use crate::commands::client::options::config::{fields_of, with_field};
pub(super) use crate::commands::client::options::groups::GroupsArgs;
pub(super) use crate::commands::client::options::roles::{
    ExactRolesArg, RolesArgs, exact_roles, roles, some_roles,
};
pub(super) use crate::commands::client::options::secret::{SecretArgs, secret};
pub(super) use crate::commands::client::options::secret_out::{SecretOutArgs, secret_out};
