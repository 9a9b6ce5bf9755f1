//! `config …`

mod path;
mod show;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::Report;

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show the value and the source of each setting. Secrets are masked.
    #[command(after_help = "Example:\n  kxi-auth config show --profile uat")]
    Show,
    /// Show the profile files, and which of them is used.
    #[command(after_help = "Example:\n  kxi-auth config path")]
    Path,
}

pub(super) fn run(context: &Context<'_>, command: &ConfigCommand) -> Result<Report, Failure> {
    match command {
        ConfigCommand::Show => show::run(context),
        ConfigCommand::Path => path::run(),
    }
}
