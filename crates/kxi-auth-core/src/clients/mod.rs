//! The clients: register, update, find, list, delete, and sign in as one.

pub(crate) mod bulk;
mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
mod lookup;
mod pages;
mod paging;
pub(crate) mod plan;
pub(crate) mod register;
pub(crate) mod register_new;
pub(crate) mod rotate_secret;
pub(crate) mod update;
mod warnings;

use secrecy::SecretString;
use tracing::Instrument as _;

use crate::clients::delete::{DeleteClient, DeleteClientByUuid};
use crate::clients::get::GetClient;
use crate::clients::list::ListClients;
use crate::clients::register::RegisterClient;
use crate::clients::register_new::RegisterNewClient;
use crate::clients::rotate_secret::RotateSecret;
use crate::clients::update::UpdateClient;
use crate::desired::validate;
use crate::error::Error;
use crate::manager::ClientManager;
use crate::model::access_token::AccessToken;
use crate::model::auth_client::AuthClient;
use crate::model::client_scopes::ClientScopes;
use crate::model::client_uuid::ClientUuid;

impl ClientManager {
    /// Creates the client `id`, or brings it up to date if it exists, and adds realm roles to its
    /// service account. Doing it again changes nothing and returns the same uuid.
    ///
    /// A new client is confidential, with the service account on and the standard, implicit and
    /// direct-grant flows off unless the config says otherwise. Of an existing one nothing is lost. The id
    /// has 1 to 239 characters as UTF-16 counts them, its service account's user name being the lower-cased
    /// id behind `service-account-` (seen on Keycloak 26.7.3).
    ///
    /// It takes 4 requests for a new client, and 5 to find that nothing differs (the first is the create
    /// that meets a conflict).
    ///
    /// Source: `register_client`.
    ///
    /// # Errors
    ///
    /// Before anything is written: [`Error::InvalidParameter`], [`Error::UnknownRoles`],
    /// [`Error::Builtin`], [`Error::MasterRoles`], and [`Error::NotAServiceAccount`] if the existing
    /// client is of another kind; [`Error::Conflict`] if the name is taken by another spelling or a
    /// user.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// use kxi_auth_core::Roles;
    ///
    /// let roles = Roles::named(["insights.query.data"]);
    /// let client = manager.register_client("my-service").token_lifespan(300).roles(roles).await?;
    /// println!("{} {}", client.uuid, if client.created { "created" } else { "kept" });
    /// # Ok(()) }
    /// ```
    pub fn register_client(&self, id: impl Into<String>) -> RegisterClient {
        RegisterClient::new(self, id.into())
    }

    /// Creates the client `id`, confidential and with a service account, without assigning roles. An
    /// existing client is never adopted. One request.
    ///
    /// Source: `register_new_client`.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] if the name is taken; [`Error::InvalidParameter`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.register_new_client("my-service").await?;
    /// # Ok(()) }
    /// ```
    pub fn register_new_client(&self, id: impl Into<String>) -> RegisterNewClient {
        RegisterNewClient::new(self, id.into())
    }

    /// Changes an existing client, found by its uuid: its secret, its token lifespan, its config. What is
    /// not named stays: the service account with its roles, the authorization settings and the fields of a
    /// newer server too (seen on Keycloak 24.0.5 and 26.7.3).
    ///
    /// Source: `update_client`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::InvalidParameter`], [`Error::Builtin`]; [`Error::Conflict`] if others
    /// keep changing the client at the same time.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").await?;
    /// manager.update_client(&client).token_lifespan(600).await?;
    /// # Ok(()) }
    /// ```
    pub fn update_client(&self, client: &AuthClient) -> UpdateClient {
        UpdateClient::new(self, client)
    }

    /// Has the server make a new secret for the client and returns the client with it. The old one
    /// is void at once. One request.
    ///
    /// The client is found by its uuid. Whether it is one of those that the platform needs is judged by
    /// the id in `client`, the caller's copy: it is not read again.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Builtin`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").await?;
    /// let client = manager.rotate_secret(&client).await?;
    /// # Ok(()) }
    /// ```
    pub fn rotate_secret(&self, client: &AuthClient) -> RotateSecret {
        RotateSecret::new(self, client)
    }

    /// The client with exactly this id (case-sensitive), with its secret unless that is not wanted. One
    /// request if there is one, two to be sure that there is none.
    ///
    /// Source: `get_client`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none; [`Error::Forbidden`] if the signed-in user may not see
    /// clients; [`Error::InvalidParameter`] for a blank id.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").await?;
    /// # Ok(()) }
    /// ```
    pub fn get_client(&self, id: impl Into<String>) -> GetClient {
        GetClient::new(self, id.into())
    }

    /// Lists the clients of the realm, Keycloak's own included, sorted by client id. Await it for all
    /// of them, or read its [`stream`](ListClients::stream).
    ///
    /// They are read in pages, four at a time. If clients appear or vanish meanwhile, none comes twice
    /// and all that stayed come; one that appears may come, not always in its place. One that is renamed
    /// meanwhile can be missed.
    ///
    /// Source: `list_clients`.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`] if the signed-in user may see no client; [`Error::InvalidParameter`] for a
    /// blank [`id`](ListClients::id); [`Error::Protocol`] if the list does not settle.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// for client in manager.list_clients().await? {
    ///     println!("{} {}", client.id, client.uuid);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn list_clients(&self) -> ListClients {
        ListClients::new(self)
    }

    /// Deletes the client with exactly this id (case-sensitive), its service account with it, and returns
    /// what it was.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none; [`Error::Builtin`]; [`Error::InvalidParameter`] for a blank
    /// id.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let deleted = manager.delete_client("my-service").await?;
    /// println!("{deleted} is gone");
    /// # Ok(()) }
    /// ```
    pub fn delete_client(&self, id: impl Into<String>) -> DeleteClient {
        DeleteClient::new(self, id.into())
    }

    /// Deletes the client with this uuid, its service account with it.
    ///
    /// Source: `delete_client_by_uuid`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none; [`Error::Builtin`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").await?;
    /// manager.delete_client_by_uuid(&client.uuid).await?;
    /// # Ok(()) }
    /// ```
    pub fn delete_client_by_uuid(&self, uuid: &ClientUuid) -> DeleteClientByUuid {
        DeleteClientByUuid::new(self, uuid.clone())
    }

    /// Signs in as a client (OAuth 2.0 client credentials, RFC 6749, section 4.4), which proves that
    /// its credential works. The token's claims are decoded, its signature is not checked.
    ///
    /// # Errors
    ///
    /// [`Error::TokenRetrieval`] if the server refuses the credential; [`Error::InvalidParameter`] for a
    /// blank id.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.register_client("my-service").await?;
    /// if let Some(secret) = &client.secret {
    ///     let token = manager.client_token(&client.id, secret).await?;
    ///     println!("good for {} s", token.lifetime.as_secs());
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn client_token(&self, id: &str, secret: &SecretString) -> Result<AccessToken, Error> {
        validate::client_id(id)?;
        self.api()
            .client_token(id, secret)
            .instrument(tracing::info_span!("client_token", client_id = id))
            .await
    }

    /// The client scopes that the realm gives a new client that names none of its own. Two requests.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`] if the signed-in user has no `view-clients`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// println!("every token has {}", manager.default_client_scopes().await?.default.join(", "));
    /// # Ok(()) }
    /// ```
    pub async fn default_client_scopes(&self) -> Result<ClientScopes, Error> {
        let asked = async {
            Ok(ClientScopes::new(self.api().default_scopes().await?, self.api().optional_scopes().await?))
        };
        asked.instrument(tracing::info_span!("default_client_scopes")).await
    }
}
