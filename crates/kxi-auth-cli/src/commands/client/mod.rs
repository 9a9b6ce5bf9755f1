//! `client …`: a file for each command, with its arguments.

mod change;
pub(super) mod create;
mod delete;
pub(super) mod get;
mod list;
mod options;
mod register;
pub(super) mod roles;
mod rotate_secret;
mod shown;
mod token;
mod update;

use clap::Subcommand;

use crate::commands::client::create::CreateArgs;
use crate::commands::client::delete::DeleteArgs;
use crate::commands::client::get::GetArgs;
use crate::commands::client::list::ListArgs;
use crate::commands::client::register::RegisterArgs;
use crate::commands::client::roles::ClientRolesCommand;
use crate::commands::client::rotate_secret::RotateArgs;
use crate::commands::client::token::TokenArgs;
use crate::commands::client::update::UpdateArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Report;

#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Create a client or bring it up to date, and give its service account realm roles.
    #[command(after_help = "Examples:\n  kxi-auth client register my-service --roles all\n  \
        kxi-auth client register my-service --role insights.query.data --secret-out my-service.secret\n  \
        pass show my-service | kxi-auth client register my-service --secret-stdin")]
    Register(RegisterArgs),
    /// Create a client; it is a conflict (exit code 6) if there is one.
    #[command(after_help = "Example:\n  \
        kxi-auth client create my-service --secret-out my-service.env --secret-format env")]
    Create(CreateArgs),
    /// Change what is named of a client, and nothing else.
    #[command(
        after_help = "Example:\n  kxi-auth client update my-service --token-lifespan 600 --set enabled=true"
    )]
    Update(UpdateArgs),
    /// Show a client, its roles, and where asked its secret.
    #[command(after_help = "Examples:\n  kxi-auth client get my-service\n  \
        kxi-auth client get my-service --secret-out my-service.secret")]
    Get(GetArgs),
    /// List the clients of the realm.
    #[command(after_help = "Examples:\n  kxi-auth client list\n  kxi-auth client list -o jsonl | jq -r .id")]
    List(ListArgs),
    /// Delete a client and its service account.
    #[command(after_help = "Example:\n  kxi-auth client delete my-service --yes")]
    Delete(DeleteArgs),
    /// Give a client a new secret. The old one is void at once.
    #[command(after_help = "Example:\n  \
        kxi-auth client rotate-secret my-service --secret-out my-service.yaml --secret-format kubernetes")]
    RotateSecret(RotateArgs),
    /// Sign in as a client, to prove that its credential works, and show what its token carries.
    #[command(after_help = "Examples:\n  kxi-auth client token my-service\n  \
        kxi-auth client token my-service --secret-file my-service.secret   # needs no admin")]
    Token(TokenArgs),
    /// The realm roles of a client's service account.
    #[command(subcommand)]
    Roles(ClientRolesCommand),
}

pub(super) async fn run(context: &Context<'_>, command: &ClientCommand) -> Result<Report, Failure> {
    match command {
        ClientCommand::Register(args) => register::run(context, args).await,
        ClientCommand::Create(args) => create::run(context, args).await,
        ClientCommand::Update(args) => update::run(context, args).await,
        ClientCommand::Get(args) => get::run(context, args).await,
        ClientCommand::List(args) => list::run(context, args).await,
        ClientCommand::Delete(args) => delete::run(context, args).await,
        ClientCommand::RotateSecret(args) => rotate_secret::run(context, args).await,
        ClientCommand::Token(args) => token::run(context, args).await,
        ClientCommand::Roles(command) => roles::run(context, command).await,
    }
}
