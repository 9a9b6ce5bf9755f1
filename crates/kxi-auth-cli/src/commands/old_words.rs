//! The words of KX's `kxi user …`, for those who have them in their fingers.

use clap::Subcommand;

use crate::commands::client::{CreateArgs, GetArgs, RoleNames};

#[derive(Debug, Subcommand)]
pub(crate) enum OldWord {
    /// The same as `client create`.
    #[command(
        hide = true,
        after_help = "Example:\n  kxi-auth create-client my-service --secret-out my-service.secret"
    )]
    CreateClient(CreateArgs),
    /// The same as `client roles assign`.
    #[command(
        hide = true,
        after_help = "Example:\n  kxi-auth assign-roles service-account-my-service --roles insights.query.data"
    )]
    AssignRoles(RoleNames),
    /// The same as `role list`.
    #[command(hide = true, after_help = "Example:\n  kxi-auth get-available-roles")]
    GetAvailableRoles,
    /// The same as `client get`: the secret is masked without --show-secret or --secret-out.
    #[command(hide = true, after_help = "Example:\n  kxi-auth get-client-secret my-service --show-secret")]
    GetClientSecret(GetArgs),
}
