//! `delete_client` and `delete_client_by_uuid`: deletes a client.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use tracing::Instrument as _;

use crate::clients::lookup::existing;
use crate::desired::owner::Owner;
use crate::error::Error;
use crate::manager::ClientManager;
use crate::manager::guard::{self, Allow};
use crate::model::auth_client::AuthClient;
use crate::model::client_uuid::ClientUuid;

/// What a deletion would do to the client that the admin signs in as.
const DELETED: &str = "it would be deleted";

/// A request to delete a client by its client ID. Nothing is sent until it is awaited. It returns the deleted client,
/// with the secret that it had.
///
/// Created by [`ClientManager::delete_client`], which documents the errors.
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// match manager.delete_client("my-service").await {
///     Err(error) if error.is_not_found() => println!("not registered"),
///     outcome => println!("{} is gone", outcome?),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a deletion is not sent until it is awaited"]
pub struct DeleteClient {
    pub(crate) manager: ClientManager,
    pub(crate) id: String,
    allow: Allow,
    owner: Option<Owner>,
}

impl DeleteClient {
    pub(crate) fn new(manager: &ClientManager, id: String) -> Self {
        Self { manager: manager.clone(), id, allow: Allow::default(), owner: None }
    }

    /// Allows the change of a built-in client, which kdb Insights Enterprise or Keycloak needs. Default: false, which
    /// returns [`Error::Builtin`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// manager.delete_client("insights-app").allow_builtin(true).await?;
    /// # Ok(()) }
    /// ```
    pub fn allow_builtin(mut self, allow: bool) -> Self {
        self.allow.builtin = allow;
        self
    }

    /// Deletes the client only if this attribute, which names its owner, has this value. Otherwise the result is
    /// [`Error::Conflict`]. The attribute is read just before the deletion. Default: any owner.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// manager.delete_client("my-service").only_of_owner("owner", "market-data").await?;
    /// # Ok(()) }
    /// ```
    pub fn only_of_owner(mut self, attribute: impl Into<String>, owner: impl Into<String>) -> Self {
        self.owner = Some(Owner { attribute: attribute.into(), name: owner.into() });
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
    /// manager.delete_client("registrar").allow_self(true).await?;
    /// # Ok(()) }
    /// ```
    pub fn allow_self(mut self, allow: bool) -> Self {
        self.allow.own = allow;
        self
    }

    pub(crate) async fn run(self) -> Result<AuthClient, Error> {
        guard::builtin_id(&self.manager, &self.id, self.allow.builtin)?;
        let stored = existing(&self.manager, &self.id).await?;
        stored.uuid.addressable(&stored.id)?;
        guard::builtin(&self.manager, &stored, self.allow.builtin).await?;
        if self.allow.protects(&self.manager, &stored.id).await? {
            return Err(guard::own_client(&stored.id, DELETED));
        }
        if let Some(owner) = &self.owner {
            owner.reject_all_except_own(&stored)?;
        }
        self.manager.api().delete_client(&stored.uuid, &stored.id).await?;
        Ok(self.manager.auth_client(stored))
    }
}

impl IntoFuture for DeleteClient {
    type Output = Result<AuthClient, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("delete_client", client_id = self.id);
        Box::pin(self.run().instrument(span))
    }
}

/// A request to delete a client by its UUID. Nothing is sent until it is awaited. It returns nothing.
///
/// Created by [`ClientManager::delete_client_by_uuid`], which documents the errors.
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let client = manager.register_new_client("short-lived").await?;
/// manager.delete_client_by_uuid(&client.uuid).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a deletion is not sent until it is awaited"]
pub struct DeleteClientByUuid {
    pub(crate) manager: ClientManager,
    uuid: ClientUuid,
    allow: Allow,
}

impl DeleteClientByUuid {
    pub(crate) fn new(manager: &ClientManager, uuid: ClientUuid) -> Self {
        Self { manager: manager.clone(), uuid, allow: Allow::default() }
    }

    /// Allows the deletion of a built-in client, which kdb Insights Enterprise or Keycloak needs. The client ID is then
    /// not read first, which saves a request. Default: false, which returns [`Error::Builtin`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// # let client = manager.get_client("my-service").await?;
    /// manager.delete_client_by_uuid(&client.uuid).allow_builtin(true).await?;
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
    /// manager.delete_client_by_uuid(&client.uuid).allow_self(true).await?;
    /// # Ok(()) }
    /// ```
    pub fn allow_self(mut self, allow: bool) -> Self {
        self.allow.own = allow;
        self
    }

    async fn run(self) -> Result<(), Error> {
        let api = self.manager.api();
        self.allow.ending(&self.manager, &self.uuid, DELETED).await?;
        api.delete_client(&self.uuid, self.uuid.as_str()).await
    }
}

impl IntoFuture for DeleteClientByUuid {
    type Output = Result<(), Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("delete_client_by_uuid", uuid = self.uuid.as_str());
        Box::pin(self.run().instrument(span))
    }
}
