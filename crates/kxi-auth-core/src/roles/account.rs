//! The user of a service account.

use tokio::sync::OnceCell;

use crate::admin::Api;
use crate::admin::users::UserId;
use crate::error::{Error, Hint};
use crate::model::client_uuid::ClientUuid;
use crate::model::names::service_account_name;
use crate::model::stored_client::StoredClient;

/// A service account that is changed. Its user is looked up once.
pub(crate) struct Account<'a> {
    api: &'a Api,
    uuid: &'a ClientUuid,
    user: OnceCell<UserId>,
}

impl<'a> Account<'a> {
    pub(crate) fn new(api: &'a Api, uuid: &'a ClientUuid) -> Self {
        Self { api, uuid, user: OnceCell::new() }
    }

    /// Its user, which is made again if it was deleted.
    pub(super) async fn user(&self) -> Result<&UserId, Error> {
        self.user.get_or_try_init(|| self.api.service_account_user(self.uuid)).await
    }
}

/// A service account that is only read. Its user is looked up at most once.
pub(crate) struct Seen<'a> {
    api: &'a Api,
    client: &'a StoredClient,
    user: OnceCell<Option<UserId>>,
}

impl<'a> Seen<'a> {
    pub(crate) fn new(api: &'a Api, client: &'a StoredClient) -> Self {
        Self { api, client, user: OnceCell::new() }
    }

    /// Its user. `None` if it was deleted, or if the account is not turned on yet.
    pub(super) async fn user(&self) -> Result<Option<&UserId>, Error> {
        if !self.client.service_accounts() {
            return Ok(None);
        }
        Ok(self.user.get_or_try_init(|| existing(self.api, self.client)).await?.as_ref())
    }
}

/// The user of this client's service account. `None` if it was deleted; then the client cannot sign in until an operation
/// that writes makes it again (observed on Keycloak 26.7.3; 22.0.5 makes it again at the sign-in). Unlike
/// [`Api::service_account_user`], this never makes it.
///
/// # Errors
///
/// [`Error::NotAServiceAccount`]; [`Error::Forbidden`] if it is not in the list of users, and the list is not whole.
async fn existing(api: &Api, client: &StoredClient) -> Result<Option<UserId>, Error> {
    if !client.service_accounts() {
        return Err(Error::NotAServiceAccount {
            client: client.id.clone(),
            reason: "`serviceAccountsEnabled` is false".to_owned(),
            hint: Some(Hint::RegisterClient),
        });
    }
    let user = api.user_named(&service_account_name(&client.id)).await?;
    if user.is_none() && !api.lists_every_user().await? {
        return Err(api.hidden_users().await);
    }
    Ok(user)
}

/// The same for a client that the caller knows by its ID and its UUID. The read of the client shows its current ID, and
/// whether the account is on.
pub(super) async fn of_client(api: &Api, (id, uuid): (&str, &ClientUuid)) -> Result<Option<UserId>, Error> {
    uuid.addressable(id)?;
    existing(api, &api.client(uuid).await?).await
}
