//! `rotate_secret`: lets the server generate a new secret.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use tracing::Instrument as _;

use crate::error::Error;
use crate::manager::ClientManager;
use crate::manager::guard;
use crate::model::auth_client::AuthClient;

/// A request for a new secret. Nothing is sent until it is awaited. It returns the client with the secret that the
/// server generated.
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
    allow_builtin: bool,
}

impl RotateSecret {
    pub(crate) fn new(manager: &ClientManager, client: &AuthClient) -> Self {
        Self { manager: manager.clone(), client: client.clone(), allow_builtin: false }
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
        self.allow_builtin = allow;
        self
    }

    async fn run(self) -> Result<AuthClient, Error> {
        guard::builtin_id(&self.manager, &self.client.id, self.allow_builtin)?;
        if !self.allow_builtin {
            // The stored client decides: the caller's copy may be outdated.
            let stored = self.manager.api().client(&self.client.uuid).await?;
            guard::builtin(&self.manager, &stored, false).await?;
        }
        let secret = self.manager.api().regenerate_secret(&self.client.uuid).await?;
        Ok(AuthClient { secret: Some(secret), ..self.client })
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
