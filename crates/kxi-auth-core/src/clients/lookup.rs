//! Finds the client that an operation is about.

use crate::desired::validate;
use crate::error::Error;
use crate::manager::{ClientManager, guard};
use crate::model::client_details::ClientDetails;
use crate::model::stored_client::FoundClient;

/// The client with exactly this id.
pub(crate) async fn existing(manager: &ClientManager, id: &str) -> Result<FoundClient, Error> {
    validate::client_id(id)?;
    if let Some(found) = manager.api().find_client(id).await? {
        return Ok(found);
    }
    manager.api().clients_are_visible().await?;
    let hint = "; ids are case-sensitive".to_owned();
    Err(Error::NotFound {
        what: "client",
        name: id.to_owned(),
        realm: manager.realm().to_owned(),
        hint,
        request: Some(manager.api().clients_line()),
    })
}

/// A stored client in the form that callers are given.
pub(crate) fn details(manager: &ClientManager, found: FoundClient, with_secret: bool) -> ClientDetails {
    let builtin = guard::is_builtin(manager, &found.id);
    ClientDetails::new(manager.host(), found, builtin, with_secret)
}
