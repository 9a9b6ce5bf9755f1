//! `client delete ID`

use clap::Args;
use serde::Serialize;

use crate::commands::client::options::AllowArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Report, Table};

#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// Keycloak client ID.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    /// Do not ask for confirmation.
    #[arg(short, long)]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) allow: AllowArgs,
}

#[derive(Serialize)]
struct DeletedClient<'a> {
    id: &'a str,
    uuid: &'a str,
    realm: &'a str,
    deleted: bool,
}

pub(crate) async fn run(context: &Context<'_>, args: &DeleteArgs) -> Result<Report, Failure> {
    let manager = context.manager().await?;
    let question =
        format!("Delete client `{}` and its service account from realm `{}`?", args.id, manager.realm());
    context.confirm(args.yes, &question, "deleting a client").await?;
    let deletion = manager
        .delete_client(&args.id)
        .allow_builtin(args.allow.allow_builtin)
        .allow_self(args.allow.allow_self);
    let client = context.during("deleting the client", async { deletion.await }).await?;
    let shown =
        DeletedClient { id: &client.id, uuid: client.uuid.as_str(), realm: manager.realm(), deleted: true };
    let table = Table::fields([
        ("client", shown.id.into()),
        ("uuid", shown.uuid.into()),
        ("realm", shown.realm.into()),
        ("outcome", "deleted".into()),
    ]);
    Report::new(&shown, table)
}
