//! `get_client`: finds one client.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use tracing::Instrument as _;

use crate::clients::lookup::{details, existing};
use crate::error::Error;
use crate::manager::ClientManager;
use crate::model::auth_client::AuthClient;
use crate::model::client_details::ClientDetails;

/// A request to find a client. Nothing is sent until it is awaited. It returns the [`AuthClient`].
///
/// Created by [`ClientManager::get_client`], which documents the errors.
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let client = manager.get_client("my-service").await?;
/// println!("{} has the uuid {}", client.id, client.uuid);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a look-up is not sent until it is awaited"]
pub struct GetClient {
    pub(crate) manager: ClientManager,
    pub(crate) id: String,
    pub(crate) with_secret: bool,
}

impl GetClient {
    pub(crate) fn new(manager: &ClientManager, id: String) -> Self {
        Self { manager: manager.clone(), id, with_secret: true }
    }

    /// Whether the result contains the secret. Default: true. The server sends the secret in any case (observed on
    /// Keycloak 26.7.3); `false` drops it.
    ///
    /// Source: the argument `with_secret` of `get_client`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").with_secret(false).await?;
    /// assert!(client.secret.is_none());
    /// # Ok(()) }
    /// ```
    pub fn with_secret(mut self, with_secret: bool) -> Self {
        self.with_secret = with_secret;
        self
    }

    /// Returns the client with every field that the server stores.
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

    async fn run(self) -> Result<AuthClient, Error> {
        let mut stored = existing(&self.manager, &self.id).await?;
        stored.secret = stored.secret.filter(|_| self.with_secret);
        Ok(self.manager.auth_client(stored))
    }
}

impl IntoFuture for GetClient {
    type Output = Result<AuthClient, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("get_client", client_id = self.id);
        Box::pin(self.run().instrument(span))
    }
}

/// A request to find a client with its details. Nothing is sent until it is awaited.
///
/// Created by [`GetClient::details`].
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
            let stored = existing(&self.manager, &self.id).await?;
            details(&self.manager, stored, self.with_secret).await
        };
        Box::pin(look_up.instrument(span))
    }
}
