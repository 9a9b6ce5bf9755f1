//! `role …`

pub(super) mod list;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::Report;

#[derive(Debug, Subcommand)]
pub(crate) enum RoleCommand {
    /// List the realm roles.
    #[command(after_help = "Example:\n  kxi-auth role list")]
    List,
}

pub(super) async fn run(context: &Context<'_>, command: &RoleCommand) -> Result<Report, Failure> {
    match command {
        RoleCommand::List => list::run(context).await,
    }
}
