//! `update_client`: changes an existing client.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use secrecy::SecretString;
use tracing::Instrument as _;

use crate::clients::updated_client::UpdatedClient;
use crate::clients::warnings::{capped_lifespan, not_stored};
use crate::desired::Desired;
use crate::desired::arguments::ClientArguments;
use crate::desired::config::ClientConfig;
use crate::desired::verify::Written;
use crate::error::Error;
use crate::manager::ClientManager;
use crate::manager::guard::{self, Allow};
use crate::model::auth_client::AuthClient;
use crate::model::client_uuid::ClientUuid;

/// A request to update a client. Nothing is sent until it is awaited. It returns the [`UpdatedClient`]. What is not
/// set stays as it is, and nothing is written if nothing differs.
///
/// Created by [`ClientManager::update_client`], which documents the errors.
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
    /// The client ID that the caller knows, for reports.
    pub(crate) id: String,
    desired: Desired,
    allow: Allow,
}

impl UpdateClient {
    pub(crate) fn new(manager: &ClientManager, client: &AuthClient) -> Self {
        let (uuid, id) = (client.uuid.clone(), client.id.clone());
        Self { manager: manager.clone(), uuid, id, desired: Desired::default(), allow: Allow::default() }
    }

    /// Sets the secret, the token lifespan and the config at once, in place of those that were set before.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::{AuthClient, ClientManager, Error};
    /// # async fn f(manager: ClientManager, client: AuthClient) -> Result<(), Error> {
    /// let arguments = kxi_auth_core::ClientArguments::new().token_lifespan(300);
    /// let client = manager.update_client(&client).arguments(arguments).await?;
    /// # Ok(()) }
    /// ```
    pub fn arguments(mut self, arguments: ClientArguments) -> Self {
        self.desired.arguments = arguments;
        self
    }

    /// Sets the secret: see [`ClientArguments::secret`].
    ///
    /// Only this changes the secret: the one inside the [`AuthClient`] is never sent, so that a stale copy cannot
    /// overwrite the live secret.
    pub fn secret(mut self, secret: SecretString) -> Self {
        self.desired.arguments = self.desired.arguments.secret(secret);
        self
    }

    /// Sets the token lifespan in seconds: see [`ClientArguments::token_lifespan`].
    pub fn token_lifespan(mut self, seconds: i64) -> Self {
        self.desired.arguments = self.desired.arguments.token_lifespan(seconds);
        self
    }

    /// Sets further fields of the client: see [`ClientArguments::config`].
    pub fn config(mut self, config: ClientConfig) -> Self {
        self.desired.arguments = self.desired.arguments.config(config);
        self
    }

    /// Allows the change of a built-in client, which kdb Insights Enterprise or Keycloak needs. Default: false, which
    /// returns [`Error::Builtin`].
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
    /// manager.update_client(&client).config(kxi_auth_core::ClientConfig::new().set("enabled", false)).allow_self(true).await?;
    /// # Ok(()) }
    /// ```
    pub fn allow_self(mut self, allow: bool) -> Self {
        self.allow.own = allow;
        self
    }

    pub(crate) async fn run(self) -> Result<UpdatedClient, Error> {
        self.desired.check()?;
        self.uuid.addressable(&self.id)?;
        let stored = self.manager.api().client(&self.uuid).await?;
        // The stored ID decides: the caller's copy may be outdated.
        guard::builtin(&self.manager, &stored, self.allow.builtin).await?;
        self.desired.arguments.config.check_update(&stored.fields)?;
        let keep_sign_in = self.allow.protects(&self.manager, &stored.id).await?;
        let desired = Desired { keep_sign_in, ..self.desired };
        let (Written { stored, changed: updated, warnings: mut of_write }, _) =
            desired.apply(self.manager.api(), stored).await?;
        let mut warnings = not_stored(&stored.id, Some(&stored), &desired.arguments.config);
        warnings.append(&mut of_write);
        let api = self.manager.api();
        warnings.extend(capped_lifespan(api, &stored.id, Some(&stored), &desired.arguments).await);
        Ok(UpdatedClient { client: self.manager.auth_client(stored), updated, warnings })
    }
}

impl IntoFuture for UpdateClient {
    type Output = Result<UpdatedClient, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("update_client", uuid = self.uuid.as_str());
        Box::pin(self.run().instrument(span))
    }
}
