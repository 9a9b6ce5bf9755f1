use std::sync::Arc;

use secrecy::SecretString;
use tracing::Instrument as _;

use crate::access_token::AccessToken;
use crate::api::Api;
use crate::assign::{self, AssignRoles};
use crate::auth_client::{AuthClient, ClientUuid};
use crate::builder::ClientManagerBuilder;
use crate::connection::Connection;
use crate::delete::{DeleteClient, DeleteClientByUuid};
use crate::error::Error;
use crate::found::FoundClient;
use crate::get::GetClient;
use crate::list::ListClients;
use crate::register::{RegisterClient, RegisterNewClient};
use crate::roles::{Role, Roles};
use crate::update::UpdateClient;
use crate::{env, guard, validate};

/// Manages the auth clients (service accounts) of one realm, signed in as a Keycloak admin.
///
/// Cloning is cheap; clones share the connections, the access token and the found base path. Every
/// future is `Send`.
///
/// The admin needs the roles `manage-clients`, `manage-users` and `view-realm` of the client
/// `realm-management` (an admin of the realm `master`: of the client `<realm>-realm`).
///
/// Source: `ClientManager` of the Python class; each method names its own there.
///
/// # Examples
///
/// ```no_run
/// use kxi_auth_core::{ClientManager, SecretString};
///
/// # async fn f(password: SecretString) -> Result<(), kxi_auth_core::Error> {
/// let manager = ClientManager::builder()
///     .host("https://insights.example.com")
///     .username("admin")
///     .password(password)
///     .build()?;
/// for client in manager.list_clients().await? {
///     println!("{} {}", client.id, client.uuid);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct ClientManager {
    api: Arc<Api>,
}

impl ClientManager {
    /// Starts a manager: `host` and a way to sign in are required.
    pub fn builder() -> ClientManagerBuilder {
        ClientManagerBuilder::default()
    }

    /// A manager from the environment: `INSIGHTS_URL`, `INSIGHTS_REALM`, `KXI_KEYCLOAK_SVC_URL`,
    /// `INSIGHTS_ADMIN_REALM`, and `INSIGHTS_ADMIN_USERNAME` with `INSIGHTS_ADMIN_PASSWORD` or
    /// `INSIGHTS_ADMIN_CLIENT_ID` with `INSIGHTS_ADMIN_CLIENT_SECRET`. An empty variable counts as
    /// none. `INSIGHTS_CLIENT_ID` and `INSIGHTS_CLIENT_SECRET`, which are a service's own, are never
    /// read. This is the only place of this crate that reads the environment.
    ///
    /// # Errors
    ///
    /// [`Error::MissingParameter`] names the variable; [`Error::InvalidParameter`].
    pub fn from_env() -> Result<Self, Error> {
        Self::builder_from_env()?.build()
    }

    /// A builder filled as by [`from_env`](Self::from_env), to add what has no variable.
    ///
    /// # Errors
    ///
    /// Those of [`from_env`](Self::from_env).
    pub fn builder_from_env() -> Result<ClientManagerBuilder, Error> {
        env::builder(|name| std::env::var(name))
    }

    pub(crate) fn new(connection: Connection) -> Result<Self, Error> {
        Ok(Self { api: Arc::new(Api::new(connection)?) })
    }

    /// Creates the client `id`, or brings it up to date if it exists, and adds realm roles to its
    /// service account. Doing it again changes nothing and returns the same uuid.
    ///
    /// A new client is confidential, with the service account on and the standard, implicit and
    /// direct-grant flows off unless the config says otherwise. Of an existing one nothing is lost.
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

    /// Creates the client `id`, confidential and with a service account, without assigning roles.
    ///
    /// Source: `register_new_client`.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] if the name is taken; an existing client is never adopted.
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

    /// Changes an existing client: its secret, its token lifespan, its config. What is not named
    /// stays.
    ///
    /// Source: `update_client`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::InvalidParameter`], [`Error::Builtin`].
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
    /// is void at once.
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
    pub async fn rotate_secret(&self, client: &AuthClient) -> Result<AuthClient, Error> {
        guard::builtin(self, &client.id, false)?;
        let span = tracing::info_span!("rotate_secret", client_id = client.id);
        let secret = self.api.regenerate_secret(&client.uuid).instrument(span).await?;
        Ok(AuthClient { secret: Some(secret), ..client.clone() })
    }

    /// The client with exactly this id (case-sensitive), with its secret unless that is not wanted.
    ///
    /// Source: `get_client`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none; [`Error::Forbidden`] if the signed-in user may not see
    /// clients.
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

    /// Deletes the client with exactly this id, its service account with it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none; [`Error::Builtin`].
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

    /// All roles of the realm.
    ///
    /// Source: `all_roles`.
    pub async fn all_roles(&self) -> Result<Vec<Role>, Error> {
        self.api.realm_roles().instrument(tracing::info_span!("all_roles")).await
    }

    /// Adds realm roles to the client's service account; what it has already stays. Returns the
    /// names of those that were added now.
    ///
    /// Source: `assign_roles`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownRoles`] names every unknown one; [`Error::NotAServiceAccount`] if the client's
    /// service account is off; [`Error::MasterRoles`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// use kxi_auth_core::Roles;
    ///
    /// let client = manager.get_client("my-service").await?;
    /// let added = manager.assign_roles(&client, Roles::named(["insights.query.sql"])).await?;
    /// # Ok(()) }
    /// ```
    pub fn assign_roles(&self, client: &AuthClient, roles: Roles) -> AssignRoles {
        AssignRoles::new(self, client, roles)
    }

    /// Takes realm roles from the client's service account, and returns the names of those that it
    /// had. [`Roles::All`] takes all that are mapped, `default-roles-<realm>` included.
    ///
    /// # Errors
    ///
    /// Those of [`assign_roles`](Self::assign_roles).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// use kxi_auth_core::Roles;
    ///
    /// let client = manager.get_client("my-service").await?;
    /// let revoked = manager.revoke_roles(&client, Roles::named(["insights.query.sql"])).await?;
    /// # Ok(()) }
    /// ```
    pub async fn revoke_roles(&self, client: &AuthClient, roles: Roles) -> Result<Vec<String>, Error> {
        let span = tracing::info_span!("revoke_roles", client_id = client.id);
        assign::revoke(self, client, &roles).instrument(span).await
    }

    /// The realm roles that are mapped to the client's service account directly.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::NotAServiceAccount`] if the client's service account is off.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").await?;
    /// for role in manager.client_roles(&client).await? {
    ///     println!("{}", role.name);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn client_roles(&self, client: &AuthClient) -> Result<Vec<Role>, Error> {
        let span = tracing::info_span!("client_roles", client_id = client.id);
        assign::mapped(self, client).instrument(span).await
    }

    /// Signs in as a client (OAuth 2.0 client credentials, RFC 6749 section 4.4), which proves that
    /// its credential works. The token's claims are decoded, its signature is not checked.
    ///
    /// # Errors
    ///
    /// [`Error::TokenRetrieval`] if the server refuses the credential.
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
        self.api
            .client_token(id, secret)
            .instrument(tracing::info_span!("client_token", client_id = id))
            .await
    }

    /// The realm that is managed.
    #[must_use]
    pub fn realm(&self) -> &str {
        self.api.realm()
    }

    /// Base URL of the instance, without a trailing slash.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.api.connection.host
    }

    pub(crate) fn api(&self) -> &Api {
        &self.api
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.api.connection
    }

    pub(crate) fn auth_client(&self, found: FoundClient) -> AuthClient {
        let FoundClient { uuid, id, secret, .. } = found;
        AuthClient { host: self.host().to_owned(), id, secret, uuid }
    }

    pub(crate) async fn existing(&self, id: &str) -> Result<FoundClient, Error> {
        validate::client_id(id)?;
        if let Some(found) = self.api.find_client(id).await? {
            return Ok(found);
        }
        guard::clients_are_visible(self).await?;
        let hint = "; ids are case-sensitive".to_owned();
        Err(Error::NotFound { what: "client", name: id.to_owned(), realm: self.realm().to_owned(), hint })
    }
}

#[cfg(test)]
mod tests {
    use std::future::IntoFuture;

    use super::*;

    fn is_send<T: Send>(_: T) {}

    /// Compiling is the test: each future can be moved to another thread.
    #[expect(dead_code, reason = "only compiled")]
    fn every_future_is_send(manager: &ClientManager, client: &AuthClient, secret: &SecretString) {
        is_send(manager.register_client("").into_future());
        is_send(manager.register_new_client("").into_future());
        is_send(manager.update_client(client).into_future());
        is_send(manager.rotate_secret(client));
        is_send(manager.get_client("").into_future());
        is_send(manager.list_clients().into_future());
        is_send(manager.list_clients().stream());
        is_send(manager.delete_client("").into_future());
        is_send(manager.delete_client_by_uuid(&client.uuid).into_future());
        is_send(manager.all_roles());
        is_send(manager.assign_roles(client, Roles::All).into_future());
        is_send(manager.revoke_roles(client, Roles::All));
        is_send(manager.client_roles(client));
        is_send(manager.client_token("", secret));
    }
}
