//! `client groups list ID`

use std::collections::BTreeMap;

use clap::Subcommand;
use kxi_auth_core::GroupGrants;
use serde::Serialize;

use crate::commands::client::roles::IdArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Report, Table};

#[derive(Debug, Subcommand)]
pub(crate) enum ClientGroupsCommand {
    /// List the groups of a client's service account, with the roles that each grants: its own and those of its
    /// parents.
    #[command(after_help = "Example:\n  kxi-auth client groups list my-service")]
    List(IdArgs),
}

#[derive(Serialize)]
struct Listed<'a> {
    path: &'a str,
    roles: &'a [String],
    client_roles: &'a BTreeMap<String, Vec<String>>,
}

impl<'a> From<&'a GroupGrants> for Listed<'a> {
    fn from(GroupGrants { path, roles, .. }: &'a GroupGrants) -> Self {
        Self { path, roles: &roles.realm, client_roles: &roles.clients }
    }
}

pub(super) async fn run(context: &Context<'_>, command: &ClientGroupsCommand) -> Result<Report, Failure> {
    let ClientGroupsCommand::List(IdArgs { id }) = command;
    let manager = context.manager().await?;
    let groups = context.during("listing the groups", async {
        let client = manager.get_client(id).with_secret(false).await?;
        manager.group_grants(&client).await
    });
    let groups = groups.await?;
    let rows = groups
        .iter()
        .map(|group| [group.path.as_str().into(), Cell::lines(&group.roles.shown().collect::<Vec<_>>())]);
    let table = Table::rows(["group", "roles"], rows);
    let shown: Vec<Listed<'_>> = groups.iter().map(Listed::from).collect();
    Report::new(&shown, table)
}
