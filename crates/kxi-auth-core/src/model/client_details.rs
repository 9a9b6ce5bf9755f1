//! A client with every field that the server stores of it.

use std::fmt;
use std::ops::Deref;

use serde_json::{Map, Value};

use crate::model::auth_client::AuthClient;
use crate::model::client_scopes::ClientScopes;
use crate::model::fields::{ATTRIBUTES, SERVICE_ACCOUNTS_ENABLED, TOKEN_LIFESPAN_ATTRIBUTE};
use crate::model::stored_client::{Obstacle, StoredClient, obstacles};

/// A client with every field that the server stores of it, secrets apart. It dereferences to its
/// [`AuthClient`], which has the secret if it was asked for.
///
/// `Debug` prints the names of the fields only: attributes may hold secrets.
///
/// Returned by [`GetClient::details`] and [`ListClients::details`].
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

    /// Every field of `ClientRepresentation` that the server sent, by its name in JSON, but for the
    /// secrets.
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

    /// A stored attribute.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").details().await?;
    /// println!("belongs to {}", client.attribute("owner").unwrap_or("nobody"));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.stored.get(ATTRIBUTES)?.get(name)?.as_str()
    }

    /// What the client is for, if it says so.
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

    /// The client's own access token lifespan in seconds; none if it has the realm's. What the server
    /// stores and is no number is none too: it does not check (seen on Keycloak 26.7.3).
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

    /// Whether the client is enabled: a disabled one cannot sign in.
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
        self.stored.get("enabled") != Some(&Value::Bool(false))
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

    /// The fields, with their values, because of which registering the client as a service account is
    /// [`Error::NotAServiceAccount`] without [`convert`](crate::RegisterClient::convert): it is public, for
    /// example, or disabled. Empty for most.
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

    /// The client's scopes. Those of most are the realm's
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

    /// Whether kdb Insights Enterprise or Keycloak itself needs the client, so that changing it wants
    /// `allow_builtin`.
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
