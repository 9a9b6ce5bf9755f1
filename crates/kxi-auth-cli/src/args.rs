//! The command line: what can be said, and what each word means.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Manage the Keycloak auth clients (service accounts) of kdb Insights Enterprise.
#[derive(Debug, Parser)]
#[command(name = "kxi-auth", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    /// How to print the result.
    #[arg(short, long, global = true, value_enum, default_value_t)]
    pub(crate) output: Format,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where the server is and who signs in. The admin's password is never an argument: it is read
/// from the variable `INSIGHTS_ADMIN_PASSWORD`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connection (the admin's password is read from INSIGHTS_ADMIN_PASSWORD)")]
pub(crate) struct ConnectionArgs {
    /// Base URL of the kdb Insights Enterprise instance.
    #[arg(long, global = true, env = "INSIGHTS_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) host: Option<String>,

    /// Keycloak realm to manage [default: insights].
    #[arg(long, global = true, env = "INSIGHTS_REALM", hide_env_values = true)]
    pub(crate) realm: Option<String>,

    /// Keycloak admin user.
    #[arg(long, global = true, env = "INSIGHTS_ADMIN_USERNAME", hide_env_values = true, value_name = "NAME")]
    pub(crate) admin_username: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Auth clients (service accounts).
    #[command(subcommand)]
    Client(ClientCommand),
    /// Realm roles.
    #[command(subcommand)]
    Role(RoleCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Create a client or bring it up to date, and give its service account realm roles.
    #[command(
        after_help = "Example:\n  kxi-auth client register my-service --roles all --secret-file secret.txt"
    )]
    Register(RegisterArgs),
    /// List the clients of the realm.
    #[command(after_help = "Example:\n  kxi-auth client list -o json")]
    List,
    /// Delete a client and its service account.
    #[command(after_help = "Example:\n  kxi-auth client delete my-service --yes")]
    Delete(DeleteArgs),
    /// Sign in as a client, to prove that its credential works, and show what its token carries.
    #[command(after_help = "Example:\n  kxi-auth client token my-service")]
    Token(TokenArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum RoleCommand {
    /// List the roles of the realm.
    #[command(after_help = "Example:\n  kxi-auth role list")]
    List,
}

#[derive(Debug, Args)]
pub(crate) struct RegisterArgs {
    /// Keycloak client id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    /// Realm roles to add: `all`, `none`, or names separated by commas. Roles are never revoked.
    #[arg(long, value_name = "all|none|a,b", default_value = "all")]
    pub(crate) roles: String,

    /// Set the secret that this file holds (a line end at its end is not part of it). Without it
    /// an existing client keeps its secret, and a new one gets a random one.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,

    /// Print the secret instead of a mask.
    #[arg(long)]
    pub(crate) show_secret: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// Keycloak client id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    /// Do not ask.
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// Keycloak client id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    /// Sign in with the secret that this file holds. Default: the one that the server stores.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,

    /// Print the token itself.
    #[arg(long)]
    pub(crate) show_token: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_flag_takes_a_secret() {
        fn look(command: &clap::Command) {
            for arg in command.get_arguments().filter(|arg| arg.get_action().takes_values()) {
                let long = arg.get_long().unwrap_or_default();
                let secret = ["password", "secret", "token"].iter().any(|word| long.contains(word));
                assert!(!secret || long.ends_with("-file"), "--{long} takes a secret on the command line");
            }
            command.get_subcommands().for_each(look);
        }
        look(&Cli::command());
    }
}
