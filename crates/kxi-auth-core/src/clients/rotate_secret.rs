//! `rotate_secret`: replaces the secret by a new random one.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use secrecy::SecretString;
use tracing::Instrument as _;

use crate::desired::Desired;
use crate::desired::arguments::ClientArguments;
use crate::desired::generate::generate_secret;
use crate::error::{Error, Hint, Incomplete};
use crate::manager::ClientManager;
use crate::manager::guard::{self, Allow};
use crate::model::auth_client::AuthClient;

/// A request for a new secret. Nothing is sent until it is awaited. It returns the client with the new secret.
///
/// Created by [`ClientManager::rotate_secret`], which documents the errors.
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let client = manager.get_client("my-service").with_secret(false).await?;
/// let client = manager.rotate_secret(&client).await?;
/// assert!(client.secret.is_some());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent until it is awaited"]
pub struct RotateSecret {
    pub(crate) manager: ClientManager,
    client: AuthClient,
    secret: Option<SecretString>,
    allow: Allow,
}

impl RotateSecret {
    pub(crate) fn new(manager: &ClientManager, client: &AuthClient) -> Self {
        Self { manager: manager.clone(), client: client.clone(), secret: None, allow: Allow::default() }
    }

    /// Sets the new secret, so that the caller can store it before it becomes live: 1 to 255 characters as UTF-16 counts
    /// them. After an [`Error::Incomplete`] the same call again is harmless. Default: a random one, from
    /// [`generate_secret`](crate::generate_secret).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::{AuthClient, ClientManager, Error, ExposeSecret as _, generate_secret};
    /// # async fn f(manager: ClientManager, client: AuthClient) -> Result<(), Box<dyn std::error::Error>> {
    /// let secret = generate_secret()?;
    /// std::fs::write("my-service.new", secret.expose_secret())?;
    /// manager.rotate_secret(&client).secret(secret).await?;
    /// std::fs::rename("my-service.new", "my-service.secret")?;
    /// # Ok(()) }
    /// ```
    pub fn secret(mut self, secret: SecretString) -> Self {
        self.secret = Some(secret);
        self
    }

    /// Allows a built-in client, which kdb Insights Enterprise or Keycloak needs. It must then get the new secret.
    /// Default: false, which returns [`Error::Builtin`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("insights-app").await?;
    /// let client = manager.rotate_secret(&client).allow_builtin(true).await?;
    /// # Ok(()) }
    /// ```
    pub fn allow_builtin(mut self, allow: bool) -> Self {
        self.allow.builtin = allow;
        self
    }

    /// Allows a change that ends the sign-in of the client that the admin signs in as, or takes away its permissions.
    /// Default: false, which returns [`Error::OwnClient`](crate::Error::OwnClient). With a
    /// [`session`](crate::ClientManagerBuilder::session) the own client is not known, and nothing is rejected.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::{AuthClient, ClientManager, Error, Roles};
    /// # async fn f(manager: ClientManager, client: AuthClient) -> Result<(), Error> {
    /// let client = manager.rotate_secret(&client).allow_self(true).await?;
    /// # Ok(()) }
    /// ```
    pub fn allow_self(mut self, allow: bool) -> Self {
        self.allow.own = allow;
        self
    }

    async fn run(self) -> Result<AuthClient, Error> {
        let Self { manager, client, secret, allow } = self;
        guard::builtin_id(&manager, &client.id, allow.builtin)?;
        client.uuid.addressable(&client.id)?;
        let secret = secret.map_or_else(generate_secret, Ok)?;
        let mut desired = Desired { arguments: ClientArguments::new().secret(secret), ..Desired::default() };
        desired.check()?;
        // Chosen here and sent by a PUT, the secret is the same in every attempt. The server's own generator makes another
        // one each time, and it is lost with the response.
        let stored = manager.api().client(&client.uuid).await?;
        // The stored client decides: the caller's copy may be outdated.
        guard::builtin(&manager, &stored, allow.builtin).await?;
        desired.keep_sign_in = allow.protects(&manager, &stored.id).await?;
        match desired.apply(manager.api(), stored).await {
            Ok((written, _)) => Ok(manager.auth_client(written.stored)),
            // Whatever the cause is, the secret that the server has now shows whether it was done.
            Err(Error::Incomplete(incomplete)) if incomplete.in_doubt => {
                Err(Error::Incomplete(Incomplete { hint: Some(Hint::ReadSecret), ..incomplete }))
            }
            Err(error) => Err(error),
        }
    }
}

impl IntoFuture for RotateSecret {
    type Output = Result<AuthClient, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("rotate_secret", client_id = self.client.id);
        Box::pin(self.run().instrument(span))
    }
}
