//! Hidden commands named like those of KX's `kxi user …`, for people who are used to them.

use clap::Subcommand;

use crate::commands::client::create::{self, CreateArgs};
use crate::commands::client::get::{self, GetArgs};
use crate::commands::client::roles::{self, ChangeArgs};
use crate::commands::role;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Report;

#[derive(Debug, Subcommand)]
pub(crate) enum OldWord {
    /// Same as `client create`.
    #[command(
        hide = true,
        after_help = "Example:\n  kxi-auth create-client my-service --secret-out my-service.secret"
    )]
    CreateClient(CreateArgs),
    /// Same as `client roles assign`.
    #[command(
        hide = true,
        after_help = "Example:\n  kxi-auth assign-roles service-account-my-service --roles insights.query.data"
    )]
    AssignRoles(ChangeArgs),
    /// Same as `role list`.
    #[command(hide = true, after_help = "Example:\n  kxi-auth get-available-roles")]
    GetAvailableRoles,
    /// Same as `client get`: the secret is masked unless you pass --show-secret.
    #[command(hide = true, after_help = "Example:\n  kxi-auth get-client-secret my-service --show-secret")]
    GetClientSecret(GetArgs),
}

pub(super) async fn run(context: &Context<'_>, word: &OldWord) -> Result<Report, Failure> {
    match word {
        OldWord::CreateClient(args) => create::run(context, args).await,
        OldWord::AssignRoles(args) => {
            // KX's command expects the user name of the service account.
            let id = args.id.strip_prefix("service-account-").unwrap_or(&args.id);
            roles::assign(context, id, args).await
        }
        OldWord::GetClientSecret(args) => get::run(context, args).await,
        OldWord::GetAvailableRoles => role::list::run(context, None).await,
    }
}
