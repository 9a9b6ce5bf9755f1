//! `register_new_client`: creates a client, and never changes an existing one.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use secrecy::SecretString;
use tracing::Instrument as _;

use crate::clients::create::{Creation, create};
use crate::clients::register::registration::Registration;
use crate::clients::warnings::{capped_lifespan, of_client};
use crate::desired::arguments::ClientArguments;
use crate::desired::config::ClientConfig;
use crate::desired::verify::Written;
use crate::desired::{Desired, validate};
use crate::error::{Error, Hint};
use crate::manager::ClientManager;
use crate::model::role_set::RoleNames;

/// A request to create a client. Nothing is sent until it is awaited. It returns a [`Registration`] without roles.
///
/// Created by [`ClientManager::register_new_client`], which documents the errors.
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

    /// Sets the secret, the token lifespan and the config at once, in place of those that were set before.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::{AuthClient, ClientManager, Error};
    /// # async fn f(manager: ClientManager, client: AuthClient) -> Result<(), Error> {
    /// let arguments = kxi_auth_core::ClientArguments::new().token_lifespan(300);
    /// let client = manager.register_new_client("my-service").arguments(arguments).await?;
    /// # Ok(()) }
    /// ```
    pub fn arguments(mut self, arguments: ClientArguments) -> Self {
        self.desired.arguments = arguments;
        self
    }

    /// Sets the secret: see [`ClientArguments::secret`].
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

    async fn run(self) -> Result<Registration, Error> {
        validate::new_client_id(&self.id)?;
        self.desired.check()?;
        match create(&self.manager, &self.id, &self.desired).await? {
            Creation::Created(Written { stored, warnings: mut of_write, .. }) => {
                let mut warnings = of_client(&stored, true, &self.desired.arguments.config);
                warnings.append(&mut of_write);
                let api = self.manager.api();
                warnings
                    .extend(capped_lifespan(api, &stored.id, Some(&stored), &self.desired.arguments).await);
                Ok(Registration {
                    client: self.manager.auth_client(stored),
                    created: true,
                    updated: false,
                    roles_added: RoleNames::default(),
                    roles_revoked: RoleNames::default(),
                    groups_joined: Vec::new(),
                    groups_left: Vec::new(),
                    warnings,
                })
            }
            Creation::Exists { request, .. } => Err(Error::Conflict {
                what: "client",
                name: self.id,
                reason: "it exists already".to_owned(),
                hint: Some(Hint::RegisterClient),
                request: Some(request),
            }),
        }
    }
}

impl IntoFuture for RegisterNewClient {
    type Output = Result<Registration, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("register_new_client", client_id = self.id);
        Box::pin(self.run().instrument(span))
    }
}
