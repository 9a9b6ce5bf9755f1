//! `update_client`: change an existing client.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use secrecy::SecretString;
use tracing::Instrument as _;

use crate::desired::Desired;
use crate::desired::config::ClientConfig;
use crate::error::Error;
use crate::manager::ClientManager;
use crate::manager::guard;
use crate::model::auth_client::AuthClient;
use crate::model::client_uuid::ClientUuid;

/// An update that is described but not sent: add arguments, then `.await` it. It returns the client
/// as it is then; what is not named stays as it is, and nothing is written if nothing differs.
///
/// Made by [`ClientManager::update_client`], which tells its errors.
///
/// # Examples
///
/// ```no_run
/// # use kxi_auth_core::{AuthClient, ClientConfig, ClientManager, Error};
/// # async fn f(manager: ClientManager, client: AuthClient) -> Result<(), Error> {
/// let config = ClientConfig::new().description("reads the trade feed").remove_attribute("owner");
/// let client = manager.update_client(&client).token_lifespan(600).config(config).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "an update is not sent until it is awaited"]
pub struct UpdateClient {
    pub(crate) manager: ClientManager,
    pub(crate) uuid: ClientUuid,
    /// As the caller knows it, for reports.
    pub(crate) id: String,
    desired: Desired,
    allow_builtin: bool,
}

impl UpdateClient {
    pub(crate) fn new(manager: &ClientManager, client: &AuthClient) -> Self {
        let (uuid, id) = (client.uuid.clone(), client.id.clone());
        Self { manager: manager.clone(), uuid, id, desired: Desired::default(), allow_builtin: false }
    }

    /// A new secret, 1 to 255 characters as UTF-16 counts them (an emoji is two). Default: the stored one
    /// stays. Only this changes it: the one inside the [`AuthClient`] is never sent, so that a stale one
    /// cannot overwrite the live one.
    ///
    /// Source: the argument `secret` of `update_client`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::{AuthClient, ClientManager, Error, SecretString};
    /// # async fn f(manager: ClientManager, client: AuthClient, secret: SecretString) -> Result<(), Error> {
    /// let client = manager.update_client(&client).secret(secret).await?;
    /// # Ok(()) }
    /// ```
    pub fn secret(mut self, secret: SecretString) -> Self {
        self.desired.secret = Some(secret);
        self
    }

    /// How long the client's access tokens live, in seconds, 1 to 2,147,483,647. Default: as long as before.
    ///
    /// Source: the argument `token_lifespan` of `update_client`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::{AuthClient, ClientManager, Error};
    /// # async fn f(manager: ClientManager, client: AuthClient) -> Result<(), Error> {
    /// let client = manager.update_client(&client).token_lifespan(600).await?;
    /// # Ok(()) }
    /// ```
    pub fn token_lifespan(mut self, seconds: i64) -> Self {
        self.desired.token_lifespan = Some(seconds);
        self
    }

    /// Further fields of the client; a second call replaces the first. Default: none. What the server sets
    /// only on create ([`client_scopes`](ClientConfig::client_scopes)) is [`Error::InvalidParameter`], unless
    /// it is so already.
    ///
    /// Source: the argument `config` of `update_client`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::{AuthClient, ClientConfig, ClientManager, Error};
    /// # async fn f(manager: ClientManager, client: AuthClient) -> Result<(), Error> {
    /// let config = ClientConfig::new().description("reads the trade feed");
    /// let client = manager.update_client(&client).config(config).await?;
    /// # Ok(()) }
    /// ```
    pub fn config(mut self, config: ClientConfig) -> Self {
        self.desired.config = config;
        self
    }

    /// Allows a client that the platform or Keycloak itself needs. Default: false, and it is
    /// [`Error::Builtin`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::{AuthClient, ClientManager, Error};
    /// # async fn f(manager: ClientManager, client: AuthClient) -> Result<(), Error> {
    /// let client = manager.update_client(&client).token_lifespan(600).allow_builtin(true).await?;
    /// # Ok(()) }
    /// ```
    pub fn allow_builtin(mut self, allow: bool) -> Self {
        self.allow_builtin = allow;
        self
    }

    pub(crate) async fn run(self) -> Result<AuthClient, Error> {
        self.desired.check()?;
        let stored = self.manager.api().client(&self.uuid).await?;
        // By the stored id: the caller's copy may be of another time.
        guard::builtin(&self.manager, &stored.id, self.allow_builtin)?;
        self.desired.config.check_update(&stored.fields)?;
        let (stored, _) = self.desired.apply(self.manager.api(), stored).await?;
        Ok(self.manager.auth_client(stored))
    }
}

impl IntoFuture for UpdateClient {
    type Output = Result<AuthClient, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("update_client", uuid = self.uuid.as_str());
        Box::pin(self.run().instrument(span))
    }
}
