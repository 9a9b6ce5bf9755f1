//! Creates a client, and explains why its name is taken.

use crate::admin::clients::{Created, NewClient, Taken};
use crate::desired::{Desired, generate};
use crate::error::{Error, RequestLine};
use crate::manager::ClientManager;
use crate::model::stored_client::StoredClient;

/// The outcome of [`create`].
pub(super) enum Creation {
    Created(StoredClient),
    /// A client with this ID exists already. `request` is the create that the server rejected.
    Exists {
        stored: StoredClient,
        request: RequestLine,
    },
}

/// Tries to create the client. Only the server can check without a race whether the name is free.
pub(super) async fn create(manager: &ClientManager, id: &str, desired: &Desired) -> Result<Creation, Error> {
    let new = new_client(id, desired)?;
    match manager.api().create_client(&new).await? {
        Created::New => Ok(Creation::Created(existing(new))),
        // A 409 does not prove that a client with this ID exists: the name of the service account's user, which is in
        // lower case, can be taken by a client with another spelling or by a user.
        Created::Taken(by) => match manager.api().find_client(id).await? {
            // The response to an earlier attempt was lost.
            Some(stored) if stored.uuid == new.uuid => Ok(Creation::Created(existing(new))),
            Some(stored) => Ok(Creation::Exists { stored, request: by.request }),
            None => Err(taken(manager, id, by).await),
        },
    }
}

/// The UUID and the secret are generated here. So the create needs no second read, and after a lost response the UUID
/// shows whether this request created the client.
fn new_client(id: &str, desired: &Desired) -> Result<NewClient, Error> {
    let secret = desired.arguments.secret.clone().map_or_else(generate::secret, Ok)?;
    Ok(NewClient { uuid: generate::uuid()?, id: id.to_owned(), secret, fields: desired.fields() })
}

fn existing(new: NewClient) -> StoredClient {
    let NewClient { uuid, id, secret, fields } = new;
    StoredClient { uuid, id, secret: Some(secret), fields }
}

/// The reason why a name is taken although no client with it exists.
async fn taken(manager: &ClientManager, id: &str, by: Taken) -> Error {
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
