use std::sync::Arc;

use secrecy::SecretString;

use crate::access_token::AccessToken;
use crate::api::{Api, FoundClient};
use crate::auth_client::{AuthClient, ClientUuid};
use crate::builder::ClientManagerBuilder;
use crate::connection::Connection;
use crate::error::Error;
use crate::register::RegisterClient;
use crate::roles::Role;
use crate::validate;

/// Clients asked for in one request. The server's work for a page grows with its square, so that
/// 5,000 clients in one request took half a minute, and under a second in pages of 50 (26.7.3).
const PAGE: usize = 50;

/// Manages the auth clients (service accounts) of one realm, signed in as a Keycloak admin.
///
/// Cloning is cheap; clones share the connections, the access token and the found base path.
///
/// Source: the seed's `ClientManager`.
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
    /// Starts a manager: `host`, `username` and `password` are required.
    pub fn builder() -> ClientManagerBuilder {
        ClientManagerBuilder::default()
    }

    pub(crate) fn new(connection: Connection) -> Result<Self, Error> {
        Ok(Self { api: Arc::new(Api::new(connection)?) })
    }

    /// Creates the client `id`, or brings it up to date if it exists, and adds realm roles to its
    /// service account. Doing it again changes nothing and returns the same uuid.
    ///
    /// A new client is confidential, with the service account on and the standard, implicit and
    /// direct-grant flows off.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] and [`Error::UnknownRoles`] before anything is written;
    /// [`Error::Conflict`] if the name is taken by another spelling or a user;
    /// [`Error::NotAServiceAccount`] if the existing client is of another kind.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// use kxi_auth_core::Roles;
    ///
    /// let client = manager.register_client("my-service").roles(Roles::named(["insights.query.data"])).await?;
    /// println!("{} {}", client.uuid, if client.created { "created" } else { "kept" });
    /// # Ok(()) }
    /// ```
    pub fn register_client(&self, id: impl Into<String>) -> RegisterClient {
        RegisterClient::new(self, id.into())
    }

    /// The client with exactly this id (case-sensitive), with its secret.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none, or if the signed-in user may not see it.
    pub async fn get_client(&self, id: &str) -> Result<AuthClient, Error> {
        Ok(self.found(self.existing(id).await?))
    }

    /// All clients of the realm, Keycloak's own included, sorted by client id.
    pub async fn list_clients(&self) -> Result<Vec<AuthClient>, Error> {
        let mut clients = Vec::new();
        loop {
            let page = self.api.list_clients(clients.len(), PAGE).await?;
            let last = page.len() < PAGE;
            clients.extend(page.into_iter().map(|client| self.found(client)));
            if last {
                return Ok(clients);
            }
        }
    }

    /// Deletes the client with exactly this id, its service account with it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none.
    pub async fn delete_client(&self, id: &str) -> Result<AuthClient, Error> {
        let client = self.existing(id).await?;
        self.api.delete_client(&client.uuid).await?;
        Ok(self.found(client))
    }

    /// Deletes the client with this uuid, its service account with it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none.
    pub async fn delete_client_by_uuid(&self, uuid: &ClientUuid) -> Result<(), Error> {
        self.api.delete_client(uuid).await
    }

    /// All roles of the realm.
    pub async fn all_roles(&self) -> Result<Vec<Role>, Error> {
        self.api.realm_roles().await
    }

    /// Signs in as a client (OAuth 2.0 client credentials, RFC 6749 section 4.4), which proves that
    /// its credential works. The token's claims are decoded, its signature is not checked.
    ///
    /// # Errors
    ///
    /// [`Error::TokenRetrieval`] if the server refuses the credential.
    pub async fn client_token(&self, id: &str, secret: &SecretString) -> Result<AccessToken, Error> {
        validate::client_id(id)?;
        self.api.client_token(id, secret).await
    }

    /// The realm that is managed.
    #[must_use]
    pub fn realm(&self) -> &str {
        self.api.realm()
    }

    /// Base URL of the instance, without a trailing slash.
    #[must_use]
    pub fn host(&self) -> &str {
        self.api.host()
    }

    pub(crate) fn api(&self) -> &Api {
        &self.api
    }

    pub(crate) fn auth_client(
        &self,
        id: String,
        secret: Option<SecretString>,
        uuid: ClientUuid,
    ) -> AuthClient {
        AuthClient { host: self.host().to_owned(), id, secret, uuid }
    }

    fn found(&self, client: FoundClient) -> AuthClient {
        self.auth_client(client.id, client.secret, client.uuid)
    }

    async fn existing(&self, id: &str) -> Result<FoundClient, Error> {
        validate::client_id(id)?;
        self.api.find_client(id).await?.ok_or_else(|| Error::NotFound {
            what: "client",
            name: id.to_owned(),
            realm: self.realm().to_owned(),
            hint: ", or the signed-in user may not see it (that needs the role `view-clients` of `realm-management`)"
                .to_owned(),
        })
    }
}
