//! The words of KX's `kxi user …`, for those who have them in their fingers.

use clap::Subcommand;

use crate::args::client::{CreateArgs, GetArgs, RoleNames};

#[derive(Debug, Subcommand)]
pub(crate) enum OldWord {
    /// The same as `client create`.
    #[command(hide = true)]
    CreateClient(CreateArgs),
    /// The same as `client roles assign`.
    #[command(hide = true)]
    AssignRoles(RoleNames),
    /// The same as `role list`.
    #[command(hide = true)]
    GetAvailableRoles,
    /// The same as `client get`: the secret is masked without --show-secret or --secret-out.
    #[command(hide = true)]
    GetClientSecret(GetArgs),
}
