//! `client …`: one file for each command, with its arguments.

mod change;
pub(super) mod create;
mod delete;
mod enable;
pub(super) mod get;
mod groups;
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
use crate::commands::client::enable::EnableArgs;
use crate::commands::client::get::GetArgs;
use crate::commands::client::groups::ClientGroupsCommand;
use crate::commands::client::list::ListArgs;
#[cfg(any(test, fuzzing))]
pub(crate) use crate::commands::client::options::{fields_of, with_field};
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
    /// Create or update a client, and assign roles to its service account (default: all realm roles).
    #[command(after_help = "Examples:\n  kxi-auth client register my-service --roles all\n  \
        kxi-auth client register my-service --role insights.query.data --secret-out my-service.secret\n  \
        kxi-auth client register my-admin --roles none --client-role realm-management view-clients\n  \
        pass show my-service | kxi-auth client register my-service --secret-stdin")]
    Register(RegisterArgs),
    /// Create a client. Fails with exit code 6 if it already exists.
    #[command(after_help = "Example:\n  \
        kxi-auth client create my-service --secret-out my-service.env --secret-format env")]
    Create(CreateArgs),
    /// Change only the given settings of a client.
    #[command(
        after_help = "Example:\n  kxi-auth client update my-service --token-lifespan 600 --description 'writes the feed'"
    )]
    Update(UpdateArgs),
    /// Show a client and its roles, and optionally its secret.
    #[command(after_help = "Examples:\n  kxi-auth client get my-service\n  \
        kxi-auth client get my-service --effective\n  \
        kxi-auth client get my-service --secret-out my-service.secret")]
    Get(GetArgs),
    /// List the clients of the realm.
    #[command(after_help = "Examples:\n  kxi-auth client list\n  kxi-auth client list -o jsonl | jq -r .id")]
    List(ListArgs),
    /// Enable a client, so that it can sign in.
    #[command(after_help = "Example:\n  kxi-auth client enable my-service")]
    Enable(EnableArgs),
    /// Disable a client: it keeps its secret and its roles, and cannot sign in.
    #[command(after_help = "Example:\n  kxi-auth client disable my-service")]
    Disable(EnableArgs),
    /// Delete a client and its service account.
    #[command(after_help = "Example:\n  kxi-auth client delete my-service --yes")]
    Delete(DeleteArgs),
    /// Set a new random secret for a client. The old secret stops working immediately.
    #[command(after_help = "Example:\n  \
        kxi-auth client rotate-secret my-service --secret-out my-service.yaml --secret-format kubernetes")]
    RotateSecret(RotateArgs),
    /// Sign in as a client to check its secret, and show the claims of its access token.
    #[command(after_help = "Examples:\n  kxi-auth client token my-service\n  \
        kxi-auth client token my-service --secret-file my-service.secret   # needs no admin")]
    Token(TokenArgs),
    /// List, assign or revoke the roles of a client's service account.
    #[command(subcommand)]
    Roles(ClientRolesCommand),
    /// List the groups of a client's service account.
    #[command(subcommand)]
    Groups(ClientGroupsCommand),
}

pub(super) async fn run(context: &Context<'_>, command: &ClientCommand) -> Result<Report, Failure> {
    match command {
        ClientCommand::Register(args) => register::run(context, args).await,
        ClientCommand::Create(args) => create::run(context, args).await,
        ClientCommand::Update(args) => update::run(context, args).await,
        ClientCommand::Get(args) => get::run(context, args).await,
        ClientCommand::List(args) => list::run(context, args).await,
        ClientCommand::Enable(args) => enable::run(context, args, true).await,
        ClientCommand::Disable(args) => enable::run(context, args, false).await,
        ClientCommand::Delete(args) => delete::run(context, args).await,
        ClientCommand::RotateSecret(args) => rotate_secret::run(context, args).await,
        ClientCommand::Token(args) => token::run(context, args).await,
        ClientCommand::Roles(command) => roles::run(context, command).await,
        ClientCommand::Groups(command) => groups::run(context, command).await,
    }
}
