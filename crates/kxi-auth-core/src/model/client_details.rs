//! A client with every field that the server stores of it.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::ops::Deref;
use std::pin::Pin;

use serde_json::{Map, Value};
use tracing::Instrument as _;

use crate::clients::get::GetClient;
use crate::clients::list::ListClients;
use crate::desired::LIFESPAN;
use crate::error::Error;
use crate::manager::ClientManager;
use crate::manager::guard;
use crate::model::auth_client::AuthClient;
use crate::model::stored_client::{FoundClient, Obstacle};

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
    pub(crate) fn new(manager: &ClientManager, found: FoundClient, with_secret: bool) -> Self {
        let builtin = guard::is_builtin(manager, &found.id);
        let stored = found.fields.clone();
        let mut client = manager.auth_client(found);
        client.secret = client.secret.filter(|_| with_secret);
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
        self.stored.get("attributes")?.get(name)?.as_str()
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
        self.attribute(LIFESPAN)?.parse().ok()
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
        self.stored.get("serviceAccountsEnabled") == Some(&Value::Bool(true))
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
        crate::model::stored_client::obstacles(&self.stored).iter().map(Obstacle::describe).collect()
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

/// A look-up of a client with its details that is described but not sent: `.await` it.
///
/// Made by [`GetClient::details`].
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let client = manager.get_client("my-service").with_secret(false).details().await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a look-up is not sent until it is awaited"]
pub struct GetClientDetails {
    pub(crate) manager: ClientManager,
    pub(crate) id: String,
    pub(crate) with_secret: bool,
}

impl IntoFuture for GetClientDetails {
    type Output = Result<ClientDetails, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("get_client", client_id = self.id);
        let look_up = async move {
            let found = self.manager.existing(&self.id).await?;
            Ok(ClientDetails::new(&self.manager, found, self.with_secret))
        };
        Box::pin(look_up.instrument(span))
    }
}

/// A listing of clients with their details that is described but not sent: `.await` it.
///
/// Made by [`ListClients::details`].
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// for client in manager.list_clients().details().await? {
///     println!("{}: {}", client.id, if client.is_enabled() { "enabled" } else { "disabled" });
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a listing is not sent until it is awaited"]
pub struct ListClientDetails {
    #[cfg_attr(not(feature = "blocking"), expect(dead_code, reason = "only a blocking call asks"))]
    pub(crate) manager: ClientManager,
    listing: ListClients,
}

impl GetClient {
    /// The client with every field that the server stores of it.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// println!("{:?}", manager.get_client("my-service").details().await?.token_lifespan());
    /// # Ok(()) }
    /// ```
    pub fn details(self) -> GetClientDetails {
        let Self { manager, id, with_secret } = self;
        GetClientDetails { manager, id, with_secret }
    }
}

impl ListClients {
    /// The clients with every field that the server stores of them, in the same requests and order.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let clients = manager.list_clients().with_secret(false).details().await?;
    /// # Ok(()) }
    /// ```
    pub fn details(self) -> ListClientDetails {
        ListClientDetails { manager: self.manager.clone(), listing: self }
    }
}

impl IntoFuture for ListClientDetails {
    type Output = Result<Vec<ClientDetails>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let listed = self
            .listing
            .collect(|listing, found| ClientDetails::new(&listing.manager, found, listing.with_secret));
        Box::pin(listed)
    }
}
