//! A client with all fields that the server stores.

use std::fmt;
use std::ops::Deref;

use serde_json::{Map, Value};

use crate::model::auth_client::AuthClient;
use crate::model::client_scopes::ClientScopes;
use crate::model::fields::{ATTRIBUTES, ENABLED, SERVICE_ACCOUNTS_ENABLED, TOKEN_LIFESPAN_ATTRIBUTE};
use crate::model::stored_client::{Obstacle, StoredClient, fields_size, is_enabled, obstacles};

/// A client with all fields that the server stores, except secrets. It dereferences to its [`AuthClient`],
/// which has the secret if the caller asked for it.
///
/// `Debug` prints only the names of the fields, because attributes may contain secrets.
///
/// Returned by [`GetClient::details`](crate::GetClient::details) and
/// [`ListClients::details`](crate::ListClients::details).
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let client = manager.get_client("my-service").details().await?;
/// println!("{}: {}", client.id, client.description().unwrap_or("no description"));
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct ClientDetails {
    /// The client.
    pub client: AuthClient,
    stored: Map<String, Value>,
    builtin: bool,
}

impl ClientDetails {
    pub(crate) fn new(host: &str, stored: StoredClient, builtin: bool, with_secret: bool) -> Self {
        let StoredClient { uuid, id, secret, fields: stored } = stored;
        let client = AuthClient { host: host.to_owned(), id, secret: secret.filter(|_| with_secret), uuid };
        Self { client, stored, builtin }
    }

    /// The memory that the client takes, in bytes, roughly and rather more.
    pub(crate) fn size(&self) -> usize {
        self.client.size() + fields_size(&self.stored)
    }

    /// Every field of `ClientRepresentation` that the server returned, by its JSON name, except secrets.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").details().await?;
    /// assert_eq!(client.fields().get("bearerOnly"), Some(&false.into()));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn fields(&self) -> &Map<String, Value> {
        &self.stored
    }

    /// The value of an attribute. `None` if the client does not have it.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").details().await?;
    /// println!("belongs to {}", client.attribute("owner").unwrap_or("no owner"));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.stored.get(ATTRIBUTES)?.get(name)?.as_str()
    }

    /// The client's description. `None` if it has none.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let description = manager.get_client("my-service").details().await?.description();
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.stored.get("description")?.as_str().filter(|text| !text.is_empty())
    }

    /// The client's own access token lifespan in seconds. `None` if the client uses the realm's lifespan, or
    /// if the stored value is not a number: the server does not check it (observed on Keycloak 26.7.3).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// assert_eq!(manager.get_client("my-service").details().await?.token_lifespan(), Some(300));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn token_lifespan(&self) -> Option<i64> {
        self.attribute(TOKEN_LIFESPAN_ATTRIBUTE)?.parse().ok()
    }

    /// Whether the client is enabled. A disabled client cannot sign in.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// assert!(manager.get_client("my-service").details().await?.is_enabled());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        is_enabled(&self.stored)
    }

    /// Whether the client has a service account.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let mut clients = manager.list_clients().details().await?;
    /// clients.retain(|client| client.is_service_account());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_service_account(&self) -> bool {
        self.stored.get(SERVICE_ACCOUNTS_ENABLED) == Some(&Value::Bool(true))
    }

    /// The fields, with their values, that prevent registering the client as a service account: the client
    /// is public, for example, or disabled. Empty for most clients.
    ///
    /// If there are any, registering the client fails with
    /// [`Error::NotAServiceAccount`](crate::Error::NotAServiceAccount) unless
    /// [`convert`](crate::RegisterClient::convert) is set.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("web-app").details().await?;
    /// assert_eq!(client.obstacles(), ["`publicClient` is true"]);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn obstacles(&self) -> Vec<String> {
        obstacles(&self.stored).iter().map(Obstacle::describe).collect()
    }

    /// The [`obstacles`](Self::obstacles) that stay if the client is enabled.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").details().await?;
    /// let is_only_disabled = !client.is_enabled() && client.other_obstacles().is_empty();
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn other_obstacles(&self) -> Vec<String> {
        let others = obstacles(&self.stored).into_iter().filter(|obstacle| !obstacle.is_field(ENABLED));
        others.map(|obstacle| obstacle.describe()).collect()
    }

    /// The client's client scopes. Most clients have the realm's
    /// [`default_client_scopes`](crate::ClientManager::default_client_scopes).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").details().await?;
    /// if client.client_scopes() != manager.default_client_scopes().await? {
    ///     println!("{} has scopes of its own", client.id);
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn client_scopes(&self) -> ClientScopes {
        ClientScopes::of(self.fields())
    }

    /// Whether this is a built-in client, which kdb Insights Enterprise or Keycloak itself needs. Changing it
    /// requires `allow_builtin`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// assert!(manager.get_client("account").details().await?.is_builtin());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        self.builtin
    }
}

impl Deref for ClientDetails {
    type Target = AuthClient;

    fn deref(&self) -> &AuthClient {
        &self.client
    }
}

impl From<ClientDetails> for AuthClient {
    fn from(details: ClientDetails) -> Self {
        details.client
    }
}

impl fmt::Debug for ClientDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, stored, builtin } = self;
        let names: Vec<&String> = stored.keys().collect();
        f.debug_struct("ClientDetails")
            .field("client", client)
            .field("fields", &names)
            .field("builtin", builtin)
            .finish()
    }
}
