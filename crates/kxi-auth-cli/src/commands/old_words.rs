//! The words of KX's `kxi user …`, for those who have them in their fingers.

use clap::Subcommand;

use crate::commands::client::create::{self, CreateArgs};
use crate::commands::client::get::{self, GetArgs};
use crate::commands::client::roles::{self, RoleNames};
use crate::commands::role;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Report;

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

pub(super) async fn run(context: &Context<'_>, word: &OldWord) -> Result<Report, Failure> {
    match word {
        OldWord::CreateClient(args) => create::run(context, args).await,
        OldWord::AssignRoles(args) => {
            // KX's command names the service account's user.
            let id = args.id.strip_prefix("service-account-").unwrap_or(&args.id);
            roles::assign(context, id, args).await
        }
        OldWord::GetClientSecret(args) => get::run(context, args).await,
        OldWord::GetAvailableRoles => role::list::run(context).await,
    }
}
