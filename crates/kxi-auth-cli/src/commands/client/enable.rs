//! `client enable ID` and `client disable ID`

use clap::Args;
use kxi_auth_core::{ClientConfig, Warning};
use serde::Serialize;

use crate::commands::client::options::AllowArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Report, Table};

#[derive(Debug, Args)]
pub(crate) struct EnableArgs {
    /// Keycloak client ID.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) allow: AllowArgs,
}

#[derive(Serialize)]
struct Switched<'a> {
    id: &'a str,
    uuid: &'a str,
    realm: &'a str,
    enabled: bool,
    updated: bool,
    warnings: Vec<String>,
}

pub(crate) async fn run(context: &Context<'_>, args: &EnableArgs, enabled: bool) -> Result<Report, Failure> {
    let manager = context.manager().await?;
    let look_up = manager.get_client(&args.id).with_secret(false);
    let client = context.during("looking up the client", async { look_up.await }).await?;
    let update = manager.update_client(&client).config(ClientConfig::new().set("enabled", enabled));
    let update = update.allow_builtin(args.allow.allow_builtin).allow_self(args.allow.allow_self);
    let doing = if enabled { "enabling the client" } else { "disabling the client" };
    let done = context.during(doing, async { update.await }).await?;
    let shown = Switched {
        id: &done.client.id,
        uuid: done.client.uuid.as_str(),
        realm: manager.realm(),
        enabled,
        updated: done.updated,
        warnings: done.warnings.iter().map(Warning::to_string).collect(),
    };
    let outcome = match (done.updated, enabled) {
        (false, _) => "unchanged",
        (true, true) => "enabled",
        (true, false) => "disabled",
    };
    let table = Table::fields([
        ("client", shown.id.into()),
        ("uuid", shown.uuid.into()),
        ("realm", shown.realm.into()),
        ("outcome", outcome.into()),
    ]);
    let report = Report::new(&shown, table)?;
    Ok(report.with_warnings(shown.warnings))
}
