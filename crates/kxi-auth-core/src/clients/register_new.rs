//! `register_new_client`, and how a client is made.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use secrecy::SecretString;
use tracing::Instrument as _;

use crate::admin::clients::Created;
use crate::clients::create::{existing, new_client, taken};
use crate::desired::config::ClientConfig;
use crate::desired::{Desired, validate};
use crate::error::{Error, Hint};
use crate::manager::ClientManager;
use crate::model::auth_client::AuthClient;

/// A creation that is described but not sent: add arguments, then `.await` it. It returns the
/// [`AuthClient`] with its secret.
///
/// Made by [`ClientManager::register_new_client`], which tells its errors.
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let client = manager.register_new_client("my-service").token_lifespan(300).await?;
/// assert!(client.secret.is_some());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a registration is not sent until it is awaited"]
pub struct RegisterNewClient {
    pub(crate) manager: ClientManager,
    id: String,
    desired: Desired,
}

impl RegisterNewClient {
    pub(crate) fn new(manager: &ClientManager, id: String) -> Self {
        Self { manager: manager.clone(), id, desired: Desired::default() }
    }

    /// The secret, 1 to 255 characters as UTF-16 counts them (an emoji is two). Default: a random one.
    ///
    /// Source: the argument `client_secret` of `register_new_client`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::{ClientManager, Error, SecretString};
    /// # async fn f(manager: ClientManager, secret: SecretString) -> Result<(), Error> {
    /// let client = manager.register_new_client("my-service").secret(secret).await?;
    /// # Ok(()) }
    /// ```
    pub fn secret(mut self, secret: SecretString) -> Self {
        self.desired.secret = Some(secret);
        self
    }

    /// How long the client's access tokens live, in seconds, 1 to 2,147,483,647. Default: the realm's.
    ///
    /// Source: the argument `token_lifespan` of `register_new_client`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.register_new_client("my-service").token_lifespan(300).await?;
    /// # Ok(()) }
    /// ```
    pub fn token_lifespan(mut self, seconds: i64) -> Self {
        self.desired.token_lifespan = Some(seconds);
        self
    }

    /// Further fields of the client; a second call replaces the first. Default: none.
    ///
    /// Source: the argument `config` of `register_new_client`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::{ClientConfig, ClientManager, Error};
    /// # async fn f(manager: ClientManager) -> Result<(), Error> {
    /// let config = ClientConfig::new().attribute("owner", "market-data");
    /// let client = manager.register_new_client("my-service").config(config).await?;
    /// # Ok(()) }
    /// ```
    pub fn config(mut self, config: ClientConfig) -> Self {
        self.desired.config = config;
        self
    }

    async fn run(self) -> Result<AuthClient, Error> {
        validate::new_client_id(&self.id)?;
        self.desired.check()?;
        let new = new_client(&self.id, &self.desired)?;
        let api = self.manager.api();
        match api.create_client(&new).await? {
            Created::New => Ok(self.manager.auth_client(existing(new))),
            Created::Taken(by) => match api.find_client(&self.id).await? {
                Some(stored) if stored.uuid == new.uuid => Ok(self.manager.auth_client(existing(new))),
                Some(_) => Err(Error::Conflict {
                    what: "client",
                    name: self.id.clone(),
                    reason: "it exists already".to_owned(),
                    hint: Some(Hint::RegisterClient),
                    request: Some(by.request),
                }),
                None => Err(taken(&self.manager, &self.id, by).await),
            },
        }
    }
}

impl IntoFuture for RegisterNewClient {
    type Output = Result<AuthClient, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("register_new_client", client_id = self.id);
        Box::pin(self.run().instrument(span))
    }
}
