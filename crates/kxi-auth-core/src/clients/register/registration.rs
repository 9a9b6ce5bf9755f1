use std::ops::Deref;

use crate::model::auth_client::AuthClient;
use crate::model::role_set::RoleNames;
use crate::model::warning::Warning;

/// The result of a registration. It dereferences to the [`AuthClient`], and converts to it with `into`.
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let done = manager.register_client("my-service").await?;
/// println!("{} has {} more roles", done.id, done.roles_added.len());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Registration {
    /// The client's credentials, always with a secret.
    pub client: AuthClient,
    /// Whether the client is new. Otherwise it existed and was kept.
    pub created: bool,
    /// Whether the stored fields of an existing client are others than before, including its secret. False also if the
    /// server accepted an update but stored none of it. Roles are reported separately.
    pub updated: bool,
    /// Names of the roles that were assigned, in the order in which they were sent: for an existing client the
    /// roles that it did not have, for a new client all of them (including the realm's default role if it was wanted,
    /// although the server assigns it anyway).
    pub roles_added: RoleNames,
    /// Names of the roles that were revoked. Empty without [`exact_roles`](crate::RegisterClient::exact_roles).
    pub roles_revoked: RoleNames,
    /// The paths of the groups that were joined.
    pub groups_joined: Vec<String>,
    /// The paths of the groups that were left. Empty without [`exact_groups`](crate::RegisterClient::exact_groups).
    pub groups_left: Vec<String>,
    /// What was done as requested, but may not be what the caller meant.
    pub warnings: Vec<Warning>,
}

impl Registration {
    /// Whether the registration changed nothing, neither the client nor its roles nor its groups.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// manager.register_client("my-service").await?;
    /// assert!(manager.register_client("my-service").await?.is_unchanged());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        let Self { created, updated, roles_added, roles_revoked, groups_joined, groups_left, .. } = self;
        let roles = roles_added.is_empty() && roles_revoked.is_empty();
        !created && !updated && roles && groups_joined.is_empty() && groups_left.is_empty()
    }
}

impl Deref for Registration {
    type Target = AuthClient;

    fn deref(&self) -> &AuthClient {
        &self.client
    }
}

impl From<Registration> for AuthClient {
    fn from(registration: Registration) -> Self {
        registration.client
    }
}
