//! Operations on clients: register, update, find, list, delete, and sign in as a client.

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
pub(crate) mod updated_client;
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
    /// Creates the client with this client ID, or updates it if it exists, and assigns realm roles to its service
    /// account. The same call again changes nothing and returns the same UUID.
    ///
    /// A new client is confidential. Its service account is on, and the standard, implicit and direct-grant flows are off
    /// unless the config sets them. An existing client loses nothing. The client ID has 1 to 239 characters as UTF-16
    /// counts them: `service-account-` and the ID in lower case form the user name of the service account (observed on
    /// Keycloak 26.7.3).
    ///
    /// A new client takes 5 requests. If the client exists and nothing differs, it takes 5 too; the first of them is a
    /// create that gets a conflict. A changed field takes 2 more, the update and a read. A wanted token lifespan takes one
    /// more, at most once in five minutes: it reads the session limits of the realm, which can be lower
    /// ([`Warning::LifespanCapped`](crate::Warning::LifespanCapped)). So does the attribute `client.session.max.lifespan`
    /// in the config, if the client has a lifespan of its own.
    ///
    /// After a create or an update the client is read, because a client policy of the realm can change a client while it
    /// is saved, and the response does not show it (observed on Keycloak 26.7.3). A field with another value than was sent
    /// is a [`Warning::Overridden`](crate::Warning::Overridden). A generated secret that the server stored as another is
    /// returned as the server stored it; a given one is an error.
    ///
    /// Source: `register_client`.
    ///
    /// # Errors
    ///
    /// Before anything is written: [`Error::InvalidParameter`], [`Error::UnknownRoles`], [`Error::Builtin`],
    /// [`Error::MasterRoles`], and [`Error::NotAServiceAccount`] if the existing client is of another kind.
    /// [`Error::Conflict`] if a client with another spelling, or a user, has the name, or another client has the `id` of
    /// a protocol mapper. [`Error::Incomplete`] if a later step failed, if it is not known whether a change was carried
    /// out, or, with an [`Error::Conflict`] as its cause, if the server stored the client so that it cannot sign in as
    /// asked. The client exists then, and its roles were not changed.
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

    /// Creates a confidential client with a service account, without assigning roles. It never changes an existing
    /// client. Two requests: the create, and a read that shows what the server stored.
    ///
    /// Source: `register_new_client`.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] if the name is taken; [`Error::InvalidParameter`]; [`Error::Incomplete`] if neither a response
    /// nor a search shows whether the client was created, or, with an [`Error::Conflict`] as its cause, if the server
    /// stored the client so that it cannot sign in as asked.
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

    /// Changes the secret, the token lifespan or the config of an existing client, which is found by its UUID. What is
    /// not set stays as it is, including the service account with its roles, the authorization settings, and fields that
    /// only a newer server has (observed on Keycloak 24.0.5 and 26.7.3). One request if nothing differs, else three: the
    /// client is read before and after the update. A field that the server stores with another value than was sent is a
    /// [`Warning::Overridden`](crate::Warning::Overridden).
    ///
    /// Source: `update_client`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::InvalidParameter`], [`Error::Builtin`]; [`Error::Conflict`] if others keep changing
    /// the client at the same time, or a value is taken, such as the `id` of a protocol mapper; [`Error::Incomplete`] if
    /// the client was updated but can no longer sign in as asked (its cause is an [`Error::Conflict`]), or if neither a
    /// response nor the stored client shows whether it was updated.
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

    /// Replaces the secret by a new random one, and returns the client with it. The old secret stops working at once. Three
    /// requests: the client is read by its UUID, written, and read again to see what the server stored.
    ///
    /// The secret is generated here and is the same in every attempt, so a lost response does no harm: what is stored is
    /// read again. The time when the secret was created (`client.secret.creation.time`) is set to now by this machine's
    /// clock. If the realm has a policy for the rotation of secrets, the new secret lives as long as the policy says, but
    /// the server does not keep the old one beside it, as it does if an administrator regenerates the secret in the
    /// console (observed on Keycloak 26.7.3).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Builtin`]; [`Error::Incomplete`] if neither a response nor the stored client shows
    /// whether the secret was replaced, or, with an [`Error::Conflict`] as its cause, if the server stores another secret
    /// or the client can no longer sign in with it.
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

    /// Returns the client with exactly this client ID (case-sensitive), with its secret unless the caller turns that off.
    /// One request if the client exists, two if not.
    ///
    /// Source: `get_client`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if it does not exist; [`Error::Forbidden`] or [`Error::NotVisible`] if the
    /// signed-in admin may not view clients, or not this one;
    /// [`Error::InvalidParameter`] for a blank ID.
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

    /// Lists the clients of the realm, including Keycloak's own, sorted by client ID. Await it for the whole list, or read
    /// its [`stream`](ListClients::stream).
    ///
    /// The list is read in pages, four at a time. If clients are created or deleted in the meantime, no client is returned
    /// twice, and none that stays is missed. A client that is created in the meantime may be returned, not always in
    /// order. A client that is renamed in the meantime can be missed.
    ///
    /// Source: `list_clients`.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`] if the signed-in admin may not view clients; [`Error::InvalidParameter`] for a blank
    /// [`id`](ListClients::id); [`Error::Protocol`] if the list keeps changing.
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

    /// Deletes the client with exactly this client ID (case-sensitive) and its service account, and returns the client as
    /// it was.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if it does not exist; [`Error::NotVisible`] if the signed-in admin may not
    /// see it; [`Error::Builtin`]; [`Error::InvalidParameter`] for a blank ID.
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

    /// Deletes the client with this UUID and its service account.
    ///
    /// Source: `delete_client_by_uuid`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if it does not exist; [`Error::Builtin`].
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

    /// Signs in as a client (OAuth 2.0 client credentials, RFC 6749, section 4.4), which proves that its secret works. The
    /// claims of the token are decoded; its signature is not checked.
    ///
    /// # Errors
    ///
    /// [`Error::TokenRetrieval`] if the server rejects the secret; [`Error::InvalidParameter`] for a blank ID.
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

    /// Returns the client scopes that the realm assigns to a new client without scopes of its own. Two requests.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`] if the signed-in admin does not have `view-clients`.
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
