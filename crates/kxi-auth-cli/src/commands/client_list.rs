//! `client list`

use kxi_auth_core::ClientManager;
use serde::Serialize;

use crate::failure::Failure;
use crate::output::{Report, Table};

#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    uuid: &'a str,
    host: &'a str,
}

pub(crate) async fn run(manager: &ClientManager) -> Result<Report, Failure> {
    let clients = manager.list_clients().await?;
    let shown: Vec<Listed<'_>> = clients
        .iter()
        .map(|client| Listed { id: &client.id, uuid: client.uuid.as_str(), host: &client.host })
        .collect();
    let rows = shown.iter().map(|client| [client.id.into(), client.uuid.into()]);
    let table = Table::rows(["client", "uuid"], rows);
    Report::new(&shown, table)
}
