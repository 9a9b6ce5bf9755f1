//! `assign_roles`: assigns realm roles to a service account.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use tracing::Instrument as _;

use crate::error::Error;
use crate::manager::{ClientManager, guard};
use crate::model::auth_client::AuthClient;
use crate::model::client_uuid::ClientUuid;
use crate::model::role::Roles;
use crate::roles::reconcile::{Difference, Target, wanted};

/// A request to assign realm roles. Nothing is sent until it is awaited. It returns the names of the roles that were
/// added.
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
/// for name in manager.assign_roles(&client, Roles::All).await? {
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
    roles: Roles,
    allow_master_roles: bool,
}

impl AssignRoles {
    pub(crate) fn new(manager: &ClientManager, client: &AuthClient, roles: Roles) -> Self {
        let (client_id, uuid) = (client.id.clone(), client.uuid.clone());
        Self { manager: manager.clone(), client_id, uuid, roles, allow_master_roles: false }
    }

    /// Allows [`Roles::All`] in the realm `master`, where it includes `admin`. Default: false, which returns
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

    async fn run(self) -> Result<Vec<String>, Error> {
        guard::master_roles(&self.manager, &self.roles, self.allow_master_roles)?;
        self.uuid.addressable(&self.client_id)?;
        let wanted = wanted(self.manager.api(), &self.roles).await?;
        let target =
            Target { api: self.manager.api(), uuid: &self.uuid, new: false, exact: false, keep: None };
        let assigned = target.assign(wanted, &self.roles).await;
        let Difference { added, .. } = assigned.map_err(|halt| halt.alone(&self.client_id))?;
        Ok(added.into_iter().map(|role| role.name).collect())
    }
}

impl IntoFuture for AssignRoles {
    type Output = Result<Vec<String>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("assign_roles", uuid = self.uuid.as_str());
        Box::pin(self.run().instrument(span))
    }
}
