//! `client roles list|assign|revoke ID`

use clap::{Args, Subcommand};
use kxi_auth_core::{AuthClient, ClientManager, RoleNames};
use serde::Serialize;

use crate::commands::client::options::{self, AllowArgs, RolesArgs};
use crate::commands::role;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::roles::{RolesAdded, RolesRevoked};
use crate::output::{Cell, Report, Table};

#[derive(Debug, Subcommand)]
pub(crate) enum ClientRolesCommand {
    /// List the roles that are assigned to a client's service account: realm roles and client roles.
    #[command(after_help = "Example:\n  kxi-auth client roles list my-service")]
    List(IdArgs),
    /// Assign roles to a client's service account. Its other roles are kept.
    #[command(
        after_help = "Examples:\n  kxi-auth client roles assign my-service --roles insights.query.data\n  \
        kxi-auth client roles assign my-service --role 'a,b'   # one role with this name\n  \
        kxi-auth client roles assign my-service --client-role realm-management view-clients"
    )]
    Assign(ChangeArgs),
    /// Revoke roles from a client's service account.
    #[command(after_help = "Example:\n  kxi-auth client roles revoke my-service --roles insights.query.sql")]
    Revoke(ChangeArgs),
}

#[derive(Debug, Args)]
pub(crate) struct IdArgs {
    /// Keycloak client ID.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct ChangeArgs {
    /// Keycloak client ID.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) roles: RolesArgs,

    #[command(flatten)]
    pub(crate) allow: AllowArgs,

    /// Allow all roles of the realm `master`, which include `admin`.
    #[arg(long)]
    pub(crate) allow_master_roles: bool,
}

pub(super) async fn run(context: &Context<'_>, command: &ClientRolesCommand) -> Result<Report, Failure> {
    match command {
        ClientRolesCommand::List(args) => list(context, &args.id).await,
        ClientRolesCommand::Assign(args) => assign(context, &args.id, args).await,
        ClientRolesCommand::Revoke(args) => revoke(context, args).await,
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum RoleChange<'a> {
    Added(RolesAdded<'a>),
    Revoked(RolesRevoked<'a>),
}

#[derive(Serialize)]
struct Changed<'a> {
    id: &'a str,
    uuid: &'a str,
    realm: &'a str,
    #[serde(flatten)]
    roles: RoleChange<'a>,
}

async fn list(context: &Context<'_>, id: &str) -> Result<Report, Failure> {
    let manager = context.manager().await?;
    let roles = context.during("listing the roles", async {
        let client = client(&manager, id).await?;
        manager.service_account_roles(&client).await
    });
    role::list::of_account(&roles.await?)
}

pub(crate) async fn assign(context: &Context<'_>, id: &str, args: &ChangeArgs) -> Result<Report, Failure> {
    let roles = options::some_roles(&args.roles)?;
    let manager = context.manager().await?;
    let client = changeable(context, &manager, id, args).await?;
    let assignment = manager.assign_roles(&client, roles).allow_master_roles(args.allow_master_roles);
    let added = context.during("assigning roles", async { assignment.await }).await?;
    report(&manager, &client, "roles added", &added, RoleChange::Added((&added).into()))
}

async fn revoke(context: &Context<'_>, args: &ChangeArgs) -> Result<Report, Failure> {
    let roles = options::some_roles(&args.roles)?;
    let manager = context.manager().await?;
    let client = changeable(context, &manager, &args.id, args).await?;
    let revocation = manager.revoke_roles(&client, roles).allow_self(args.allow.allow_self);
    let revoked = context.during("revoking roles", async { revocation.await }).await?;
    report(&manager, &client, "roles revoked", &revoked, RoleChange::Revoked((&revoked).into()))
}

async fn client(manager: &ClientManager, id: &str) -> Result<AuthClient, kxi_auth_core::Error> {
    manager.get_client(id).with_secret(false).await
}

/// The client, unless it is a built-in one.
async fn changeable(
    context: &Context<'_>,
    manager: &ClientManager,
    id: &str,
    args: &ChangeArgs,
) -> Result<AuthClient, Failure> {
    let look_up = manager.get_client(id).with_secret(false).details();
    let client = context.during("looking up the client", async { look_up.await }).await?;
    if client.is_builtin() && !args.allow.allow_builtin {
        return Err(Failure::builtin(&client.id));
    }
    Ok(client.client)
}

fn report(
    manager: &ClientManager,
    client: &AuthClient,
    what: &'static str,
    names: &RoleNames,
    roles: RoleChange<'_>,
) -> Result<Report, Failure> {
    let changed: Vec<String> = names.shown().collect();
    let shown = Changed { id: &client.id, uuid: client.uuid.as_str(), realm: manager.realm(), roles };
    let table = Table::fields([
        ("client", shown.id.into()),
        ("uuid", shown.uuid.into()),
        ("realm", shown.realm.into()),
        (what, Cell::lines(&changed)),
    ]);
    Report::new(&shown, table)
}
