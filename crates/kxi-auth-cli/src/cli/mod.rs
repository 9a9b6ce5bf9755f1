//! The command line: what can be said, and what each word means.

mod declared;
#[cfg(test)]
mod tests;
pub(crate) mod usage;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use crate::cli::declared::{ApplyArgs, ExportArgs, FileArgs, PlanArgs};
use crate::commands::client::ClientCommand;
use crate::commands::old_words::OldWord;
use crate::output::OutputArgs;
use crate::settings::ConnectionArgs;

/// Manage the Keycloak auth clients (service accounts) of kdb Insights Enterprise.
#[derive(Debug, Parser)]
#[command(name = "kxi-auth", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Exit codes:\n  \
    0 done, 1 error, 2 usage, 3 not signed in, 4 permission denied, 5 not found, 6 conflict,\n  \
    7 server unreachable or failing, 8 differences (plan --exit-code), 130 interrupted\n\n\
    Examples:\n  \
    kxi-auth doctor                                  check the connection and the permissions\n  \
    kxi-auth client register my-service --roles all  create a client or bring it up to date\n  \
    kxi-auth apply -f clients.yaml                   make the realm what a file declares")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Auth clients (service accounts).
    #[command(subcommand)]
    Client(ClientCommand),
    /// Realm roles.
    #[command(subcommand)]
    Role(RoleCommand),
    /// Show what `apply` would change. Nothing is written.
    #[command(after_help = "Examples:\n  kxi-auth plan -f clients.yaml\n  \
        kxi-auth plan -f clients.yaml --prune --exit-code   # 8 if anything differs")]
    Plan(PlanArgs),
    /// Make the realm what a file declares.
    #[command(after_help = "Examples:\n  kxi-auth apply -f clients.yaml\n  \
        kxi-auth apply -f clients.yaml --prune --yes        # in a pipeline\n  \
        kxi-auth export | kxi-auth apply -f - --dry-run")]
    Apply(ApplyArgs),
    /// Write a file for `apply` from the clients of the realm, without secrets.
    #[command(after_help = "Example:\n  kxi-auth export --owner market-data > clients.yaml")]
    Export(ExportArgs),
    /// Print the JSON Schema of the file that `plan` and `apply` read.
    #[command(after_help = "Example:\n  kxi-auth schema > clients.schema.json")]
    Schema,
    /// Where the settings come from.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Check the connection, the sign-in and the permissions, with a remedy for what is wrong.
    #[command(after_help = "Example:\n  kxi-auth doctor --host https://insights.example.com")]
    Doctor,
    /// Print the completions for a shell.
    #[command(after_help = "Examples:\n  \
        kxi-auth completions bash > ~/.local/share/bash-completion/completions/kxi-auth\n  \
        kxi-auth completions zsh > \"${fpath[1]}/_kxi-auth\"\n  \
        kxi-auth completions fish > ~/.config/fish/completions/kxi-auth.fish")]
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for each command.
    #[command(after_help = "Examples:\n  kxi-auth man | man -l -\n  \
        kxi-auth man --dir ~/.local/share/man/man1")]
    Man(ManArgs),
    /// The words of KX's `kxi user …`.
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

#[derive(Debug, Subcommand)]
pub(crate) enum RoleCommand {
    /// List the roles of the realm.
    #[command(after_help = "Example:\n  kxi-auth role list")]
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show each setting, its value and where it came from. Secrets are masked.
    #[command(after_help = "Example:\n  kxi-auth config show --profile uat")]
    Show,
    /// Show the files that profiles are read from, and which of them is used.
    #[command(after_help = "Example:\n  kxi-auth config path")]
    Path,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell to complete for.
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write a page for each command to this folder, which must exist, instead of printing the first.
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}
