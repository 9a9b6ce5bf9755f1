//! The whole command line: the connection flags, the output flags, and a command.

#[cfg(test)]
mod tests;
pub(crate) mod usage;

use clap::Parser;

use crate::commands::Command;
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
    kxi-auth client register my-service --roles all  create or update a client\n  \
    kxi-auth apply -f clients.yaml                   make the realm match a file")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    #[command(subcommand)]
    pub(crate) command: Command,
}
