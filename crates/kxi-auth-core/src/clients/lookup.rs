//! Finds the client of an operation.

use crate::desired::validate;
use crate::error::{Error, Hint};
use crate::manager::{ClientManager, guard};
use crate::model::client_details::ClientDetails;
use crate::model::stored_client::StoredClient;

/// The client with exactly this id.
pub(crate) async fn existing(manager: &ClientManager, id: &str) -> Result<StoredClient, Error> {
    validate::client_id(id)?;
    if let Some(stored) = manager.api().find_client(id).await? {
        return Ok(stored);
    }
    manager.api().rule_out_hidden(id).await?;
    Err(Error::NotFound {
        what: "client",
        name: id.to_owned(),
        realm: manager.realm().to_owned(),
        hint: Some(Hint::ListClients),
        request: Some(manager.api().clients_line()),
    })
}

/// A stored client in the form that callers get.
pub(crate) async fn details(
    manager: &ClientManager,
    stored: StoredClient,
    with_secret: bool,
) -> Result<ClientDetails, Error> {
    let builtin = guard::is_builtin(manager, &stored).await?;
    Ok(ClientDetails::new(manager.host(), stored, builtin, with_secret))
}
