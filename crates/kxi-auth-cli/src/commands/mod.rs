//! One file for each command, with its arguments. Commands return data; they do not print.

mod apply;
mod client;
mod completions;
mod config;
mod doctor;
mod export;
mod man;
mod old_words;
mod plan;
mod role;
mod schema;

use clap::Subcommand;

use crate::commands::apply::ApplyArgs;
use crate::commands::client::ClientCommand;
#[cfg(any(test, fuzzing))]
pub(crate) use crate::commands::client::{fields_of, with_field};
use crate::commands::completions::CompletionsArgs;
use crate::commands::config::ConfigCommand;
use crate::commands::export::ExportArgs;
use crate::commands::man::ManArgs;
use crate::commands::old_words::OldWord;
use crate::commands::plan::PlanArgs;
use crate::commands::role::RoleCommand;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Report;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Manage auth clients (service accounts).
    #[command(subcommand)]
    Client(ClientCommand),
    /// Show realm roles.
    #[command(subcommand)]
    Role(RoleCommand),
    /// Show what `apply` would change, without changing anything.
    #[command(after_help = "Examples:\n  kxi-auth plan -f clients.yaml\n  \
        kxi-auth plan -f clients.yaml --prune --exit-code   # 8 if anything differs")]
    Plan(PlanArgs),
    /// Make the clients of the realm match a declaration file.
    #[command(after_help = "Examples:\n  kxi-auth apply -f clients.yaml\n  \
        kxi-auth apply -f clients.yaml --prune --yes        # in a pipeline\n  \
        kxi-auth export | kxi-auth apply -f - --dry-run")]
    Apply(ApplyArgs),
    /// Print a declaration of the realm's clients for `apply`, without secrets.
    #[command(after_help = "Example:\n  kxi-auth export --owner market-data > clients.yaml")]
    Export(ExportArgs),
    /// Print the JSON Schema of the declaration file.
    #[command(after_help = "Example:\n  kxi-auth schema > clients.schema.json")]
    Schema,
    /// Show the settings and where they come from.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Check the connection, the sign-in and the permissions, and suggest fixes.
    #[command(after_help = "Example:\n  kxi-auth doctor --host https://insights.example.com")]
    Doctor,
    /// Print a completion script for a shell.
    #[command(after_help = "Examples:\n  \
        kxi-auth completions bash > ~/.local/share/bash-completion/completions/kxi-auth\n  \
        kxi-auth completions zsh > \"${fpath[1]}/_kxi-auth\"\n  \
        kxi-auth completions fish > ~/.config/fish/completions/kxi-auth.fish")]
    Completions(CompletionsArgs),
    /// Print the manual page, or write a page for each command to a folder.
    #[command(after_help = "Examples:\n  kxi-auth man | man -l -\n  \
        kxi-auth man --dir ~/.local/share/man/man1")]
    Man(ManArgs),
    /// Commands named like those of KX's `kxi user`.
    #[command(
        subcommand,
        hide = true,
        after_help = "Examples:\n  kxi-auth user create-client my-service\n  \
            kxi-auth user assign-roles service-account-my-service --roles insights.query.data\n  \
            kxi-auth user get-available-roles\n  \
            kxi-auth user get-client-secret my-service --show-secret"
    )]
    User(OldWord),
    #[command(flatten)]
    OldWord(OldWord),
}

/// Runs the given command. `definition` is the whole command line, for the commands that document it.
pub(crate) async fn run(
    context: &Context<'_>,
    command: &Command,
    definition: fn() -> clap::Command,
) -> Result<Report, Failure> {
    match command {
        Command::Client(command) => client::run(context, command).await,
        Command::Role(command) => role::run(context, command).await,
        Command::Plan(args) => plan::run(context, args).await,
        Command::Apply(args) => apply::run(context, args).await,
        Command::Export(args) => export::run(context, args).await,
        Command::Schema => schema::run(context),
        Command::Config(command) => config::run(context, command),
        Command::Doctor => doctor::run(context).await,
        Command::Completions(args) => Ok(completions::run(args, definition())),
        Command::Man(args) => man::run(args, definition()),
        Command::User(word) | Command::OldWord(word) => old_words::run(context, word).await,
    }
}
