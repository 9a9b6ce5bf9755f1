//! `assign_roles`: assigns realm roles and client roles to a service account.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use tracing::Instrument as _;

use crate::error::Error;
use crate::manager::{ClientManager, guard};
use crate::model::auth_client::AuthClient;
use crate::model::client_uuid::ClientUuid;
use crate::model::role_set::{ExactRoles, RoleNames, RoleSet};
use crate::roles::account::Account;
use crate::roles::reconcile::Target;
use crate::roles::wanted::Existing;

/// A request to assign roles. Nothing is sent until it is awaited. It returns the [`RoleNames`] that were added.
///
/// Created by [`ClientManager::assign_roles`], which documents the errors.
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// use kxi_auth_core::Roles;
///
/// let client = manager.get_client("my-service").await?;
/// for name in manager.assign_roles(&client, Roles::All).await?.shown() {
///     println!("{name} was added");
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "an assignment is not sent until it is awaited"]
pub struct AssignRoles {
    pub(crate) manager: ClientManager,
    client_id: String,
    uuid: ClientUuid,
    roles: RoleSet,
    allow_master_roles: bool,
}

impl AssignRoles {
    pub(crate) fn new(manager: &ClientManager, client: &AuthClient, roles: RoleSet) -> Self {
        let (client_id, uuid) = (client.id.clone(), client.uuid.clone());
        Self { manager: manager.clone(), client_id, uuid, roles, allow_master_roles: false }
    }

    /// Allows [`Roles::All`](crate::Roles::All) in the realm `master`, where it includes `admin`. Default: false, which returns
    /// [`Error::MasterRoles`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::{AuthClient, ClientManager, Error, Roles};
    /// # async fn f(manager: ClientManager, client: AuthClient) -> Result<(), Error> {
    /// manager.assign_roles(&client, Roles::All).allow_master_roles(true).await?;
    /// # Ok(()) }
    /// ```
    pub fn allow_master_roles(mut self, allow: bool) -> Self {
        self.allow_master_roles = allow;
        self
    }

    async fn run(self) -> Result<RoleNames, Error> {
        guard::master_roles(&self.manager, &self.roles.realm, self.allow_master_roles)?;
        self.uuid.addressable(&self.client_id)?;
        let (api, uuid, meant) = (self.manager.api(), &self.uuid, &self.roles);
        let wanted = Existing::default().wanted(api, meant).await?;
        let target = Target { api, own: uuid, new: false, meant, exact: ExactRoles::Off, keep: None };
        let assigned = target.assign(&Account::new(api, uuid), wanted).await;
        Ok(assigned.map_err(|halt| halt.alone(&self.client_id))?.added.into_iter().collect())
    }
}

impl IntoFuture for AssignRoles {
    type Output = Result<RoleNames, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("assign_roles", uuid = self.uuid.as_str());
        Box::pin(self.run().instrument(span))
    }
}
