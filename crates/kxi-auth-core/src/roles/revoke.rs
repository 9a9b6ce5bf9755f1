//! `revoke_roles`: revokes realm roles and client roles from a service account.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use tracing::Instrument as _;

use crate::error::Error;
use crate::manager::ClientManager;
use crate::manager::guard::Allow;
use crate::model::auth_client::AuthClient;
use crate::model::client_uuid::ClientUuid;
use crate::model::role_set::{RoleNames, RoleSet};
use crate::roles::composites::Composites;
use crate::roles::keep::Keep;
use crate::roles::reconcile::revoke;

/// A request to revoke roles. Nothing is sent until it is awaited. It returns the [`RoleNames`] that were revoked.
///
/// Created by [`ClientManager::revoke_roles`], which documents the errors.
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// use kxi_auth_core::Roles;
///
/// let client = manager.get_client("my-service").await?;
/// for name in manager.revoke_roles(&client, Roles::named(["insights.query.sql"])).await?.shown() {
///     println!("{name} was revoked");
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a revocation is not sent until it is awaited"]
pub struct RevokeRoles {
    pub(crate) manager: ClientManager,
    client_id: String,
    uuid: ClientUuid,
    roles: RoleSet,
    allow: Allow,
}

impl RevokeRoles {
    pub(crate) fn new(manager: &ClientManager, client: &AuthClient, roles: RoleSet) -> Self {
        let (client_id, uuid) = (client.id.clone(), client.uuid.clone());
        Self { manager: manager.clone(), client_id, uuid, roles, allow: Allow::default() }
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
    /// let revoked = manager.revoke_roles(&client, Roles::All).allow_self(true).await?;
    /// # Ok(()) }
    /// ```
    pub fn allow_self(mut self, allow: bool) -> Self {
        self.allow.own = allow;
        self
    }

    async fn run(self) -> Result<RoleNames, Error> {
        let own = self.allow.protects(&self.manager, &self.client_id).await?;
        let composites = Composites::default();
        let keep = own.then_some(Keep { client_id: &self.client_id, composites: &composites });
        revoke(self.manager.api(), (&self.client_id, &self.uuid), &self.roles, keep).await
    }
}

impl IntoFuture for RevokeRoles {
    type Output = Result<RoleNames, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("revoke_roles", client_id = self.client_id);
        Box::pin(self.run().instrument(span))
    }
}
