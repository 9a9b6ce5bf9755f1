//! `client list`

use clap::Args;
use futures_util::{StreamExt as _, TryStreamExt as _};
use kxi_auth_core::{AuthClient, ExposeSecret as _, SecretString};
use serde::Serialize;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Format, Report, Table, json};

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Show the secrets of the clients.
    #[arg(long)]
    pub(crate) show_secret: bool,
}

#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    uuid: &'a str,
    host: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
}

impl<'a> Listed<'a> {
    fn new(client: &'a AuthClient) -> Self {
        let secret = client.secret.as_ref().map(SecretString::expose_secret);
        Self { id: &client.id, uuid: client.uuid.as_str(), host: &client.host, secret }
    }
}

pub(crate) async fn run(context: &Context<'_>, args: &ListArgs) -> Result<Report, Failure> {
    let clients = context.manager().await?.list_clients().with_secret(args.show_secret).stream();
    if context.format() == Format::Jsonl {
        let line = |client: Result<AuthClient, _>| json(&Listed::new(&client.map_err(Failure::from)?));
        return Ok(Report::items(clients.map(line)));
    }
    let clients: Vec<AuthClient> = context.during("listing the clients", clients.try_collect()).await?;
    let shown: Vec<Listed<'_>> = clients.iter().map(Listed::new).collect();
    let table = if args.show_secret {
        let secret = |client: &Listed<'_>| Cell::from(client.secret.unwrap_or_default());
        let rows = shown.iter().map(|client| [client.id.into(), client.uuid.into(), secret(client)]);
        Table::rows(["client", "uuid", "secret"], rows).unbroken()
    } else {
        Table::rows(["client", "uuid"], shown.iter().map(|client| [client.id.into(), client.uuid.into()]))
    };
    Report::new(&shown, table)
}
