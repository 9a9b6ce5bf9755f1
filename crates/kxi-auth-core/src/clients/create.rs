//! Creates a client, and explains why its name is taken.

use crate::admin::clients::{NewClient, Taken};
use crate::desired::{Desired, generate};
use crate::error::Error;
use crate::manager::ClientManager;
use crate::model::stored_client::StoredClient;

/// The UUID and the secret are generated here. So the create needs no second read, and after a lost response the UUID
/// shows whether this request created the client.
pub(super) fn new_client(id: &str, desired: &Desired) -> Result<NewClient, Error> {
    let secret = desired.arguments.secret.clone().map_or_else(generate::secret, Ok)?;
    Ok(NewClient { uuid: generate::uuid()?, id: id.to_owned(), secret, fields: desired.fields() })
}

pub(super) fn existing(new: NewClient) -> StoredClient {
    let NewClient { uuid, id, secret, fields } = new;
    StoredClient { uuid, id, secret: Some(secret), fields }
}

/// The reason why a name is taken although no client with it exists.
pub(super) async fn taken(manager: &ClientManager, id: &str, by: Taken) -> Error {
    if let Err(hidden) = manager.api().clients_are_visible().await
        && hidden.is_forbidden()
    {
        return hidden;
    }
    let user = format!("service-account-{}", id.to_lowercase());
    let reason = format!(
        "no client has this ID, but the user name of its service account, `{user}`, is taken by a client with another \
         spelling or by a user; choose another ID (the server says: {})",
        by.words
    );
    Error::Conflict { what: "client", name: id.to_owned(), reason, hint: None, request: Some(by.request) }
}
