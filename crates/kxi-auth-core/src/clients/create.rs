//! Creates a client, and explains why its name is taken.

use serde_json::{Map, Value};

use crate::admin::clients::{Created, NewClient, Refused};
use crate::desired::collision::Collision;
use crate::desired::verify::Written;
use crate::desired::{Desired, generate};
use crate::error::{Error, RequestLine, Step};
use crate::manager::ClientManager;
use crate::model::stored_client::StoredClient;

/// The outcome of [`create`].
pub(super) enum Creation {
    Created(Written),
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
        Created::New => Ok(Creation::Created(desired.verify_created(manager.api(), existing(new)).await?)),
        // A 409 does not prove that a client with this ID exists, although the server says so: the name of the service
        // account's user or the ID of a mapper can be taken.
        Created::Refused(by) => match manager.api().find_client(id).await {
            // The response to an earlier attempt was lost.
            Ok(Some(stored)) if stored.uuid == new.uuid => {
                Ok(Creation::Created(desired.verify(None, stored, Some(new.secret))?))
            }
            Ok(Some(stored)) => Ok(Creation::Exists { stored, request: by.request }),
            Ok(None) => Err(taken(manager, id, by, &desired.fields_of_new()).await),
            // The 409 may be due to that attempt.
            Err(cause) if by.repeated => Err(Error::in_doubt(id, Step::Create, cause)),
            Err(cause) => Err(cause),
        },
        Created::InDoubt(cause) => match manager.api().find_client(id).await {
            Ok(Some(stored)) if stored.uuid == new.uuid => {
                Ok(Creation::Created(desired.verify(None, stored, Some(new.secret))?))
            }
            Ok(Some(stored)) => Ok(Creation::Exists { stored, request: manager.api().create_line() }),
            Ok(None) | Err(_) => Err(Error::in_doubt(id, Step::Create, cause)),
        },
    }
}

/// The UUID and the secret are generated here. So after a lost response the UUID shows whether this request created the
/// client.
fn new_client(id: &str, desired: &Desired) -> Result<NewClient, Error> {
    let secret = desired.new_secret()?;
    let (fields, given) = (desired.fields_of_new(), desired.given_fields());
    Ok(NewClient { uuid: generate::uuid()?, id: id.to_owned(), secret, fields, given })
}

fn existing(new: NewClient) -> StoredClient {
    let NewClient { uuid, id, secret, fields, .. } = new;
    StoredClient { uuid, id, secret: Some(secret), fields }
}

/// The reason why a create is rejected although no client with the ID exists.
async fn taken(manager: &ClientManager, id: &str, by: Refused, sent: &Map<String, Value>) -> Error {
    let mut hidden = match manager.api().rule_out_hidden(id).await {
        Ok(()) => None,
        // An earlier attempt may have created a client that this list does not show.
        Err(unseen) if by.repeated => return Error::in_doubt(id, Step::Create, unseen),
        Err(error) => Some(error).filter(Error::is_forbidden),
    };
    let may_be_hidden = hidden.is_some();
    let collision = Collision { id, sent, stored: None, may_be_hidden, may_be_a_race: false };
    let reason = collision.reason(manager.api(), &by.words).await;
    if let Some(Error::NotVisible { rejected, .. }) = &mut hidden {
        *rejected = Some(reason.clone());
    }
    hidden.unwrap_or_else(|| Error::Conflict {
        what: "client",
        name: id.to_owned(),
        reason,
        hint: None,
        request: Some(by.request),
    })
}
