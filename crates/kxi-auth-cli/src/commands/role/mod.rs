//! `role …`

pub(super) mod list;

use clap::{Args, Subcommand};

use crate::context::Context;
use crate::failure::Failure;
use crate::output::Report;

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// List the roles of the client with this ID.
    #[arg(long, value_name = "ID")]
    pub(crate) client: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RoleCommand {
    /// List the realm roles, or the roles of a client.
    #[command(after_help = "Examples:\n  kxi-auth role list\n  kxi-auth role list --client realm-management")]
    List(ListArgs),
}

pub(super) async fn run(context: &Context<'_>, command: &RoleCommand) -> Result<Report, Failure> {
    match command {
        RoleCommand::List(args) => list::run(context, args.client.as_deref()).await,
    }
}
