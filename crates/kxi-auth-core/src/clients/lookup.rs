//! Finds the client of an operation.

use crate::desired::validate;
use crate::error::Error;
use crate::manager::{ClientManager, guard};
use crate::model::client_details::ClientDetails;
use crate::model::stored_client::StoredClient;

/// The client with exactly this id.
pub(crate) async fn existing(manager: &ClientManager, id: &str) -> Result<StoredClient, Error> {
    validate::client_id(id)?;
    manager.api().existing_client(id).await
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
