//! The roles of the realm, and the roles of a service account.

pub(crate) mod assign;
pub(crate) mod grants;
pub(crate) mod reconcile;
pub(crate) mod revoke;

use tracing::Instrument as _;

use crate::error::Error;
use crate::manager::ClientManager;
use crate::model::auth_client::AuthClient;
use crate::model::role::{Role, Roles};
use crate::roles::assign::AssignRoles;
use crate::roles::revoke::RevokeRoles;

impl ClientManager {
    /// Returns all realm roles, including Keycloak's own. Client roles are not included. One request.
    ///
    /// Source: `all_roles`.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`] if the signed-in admin does not have `view-realm`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// for role in manager.all_roles().await? {
    ///     println!("{} {}", role.name, role.description.unwrap_or_default());
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn all_roles(&self) -> Result<Vec<Role>, Error> {
        reconcile::all_roles(self.api()).await
    }

    /// Returns the realm's default role, which Keycloak assigns to each new user and service account. A new realm calls
    /// it `default-roles-<realm>`, but a renamed realm keeps the old name, and an import can choose any (observed on
    /// Keycloak 26.7.3).
    ///
    /// One request, or none if this manager or a clone of it has read the realm's settings in the last five minutes.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`] if the signed-in admin does not have `view-realm`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let default = manager.default_role().await?;
    /// let mut roles = manager.all_roles().await?;
    /// roles.retain(|role| role.name != default.name);
    /// # Ok(()) }
    /// ```
    pub async fn default_role(&self) -> Result<Role, Error> {
        self.api().default_role().instrument(tracing::info_span!("default_role")).await
    }

    /// Assigns realm roles to the client's service account. Roles that it has already stay. Returns the names of the
    /// roles that were added. Built-in clients are not protected here, because roles can be revoked again.
    ///
    /// Source: `assign_roles`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownRoles`] with every unknown name; [`Error::NotAServiceAccount`] if the client's service account
    /// is off; [`Error::MasterRoles`]; [`Error::Conflict`] if others keep deleting one of the roles;
    /// [`Error::Incomplete`] if the roles may have been assigned, because the response was lost.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// use kxi_auth_core::Roles;
    ///
    /// let client = manager.get_client("my-service").await?;
    /// let added = manager.assign_roles(&client, Roles::named(["insights.query.sql"])).await?;
    /// # Ok(()) }
    /// ```
    pub fn assign_roles(&self, client: &AuthClient, roles: Roles) -> AssignRoles {
        AssignRoles::new(self, client, roles)
    }

    /// Revokes realm roles from the client's service account. Returns the names of the roles that it had.
    /// [`Roles::All`] revokes every role that is assigned directly, including the realm's default role. Built-in clients
    /// are not protected here, because roles can be assigned again.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownRoles`] with every unknown name, so that a misspelt role does not pass as revoked;
    /// [`Error::NotAServiceAccount`] if the client's service account is off; [`Error::NotFound`]; [`Error::OwnClient`]
    /// if the admin signs in as the client and would lose permissions; [`Error::Incomplete`] if the roles may have been
    /// revoked, because the response was lost.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// use kxi_auth_core::Roles;
    ///
    /// let client = manager.get_client("my-service").await?;
    /// let revoked = manager.revoke_roles(&client, Roles::named(["insights.query.sql"])).await?;
    /// # Ok(()) }
    /// ```
    pub fn revoke_roles(&self, client: &AuthClient, roles: Roles) -> RevokeRoles {
        RevokeRoles::new(self, client, roles)
    }

    /// Returns the realm roles that are assigned directly to the client's service account. Roles that it inherits
    /// through composite roles are not included.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::NotAServiceAccount`] if the client's service account is off.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").await?;
    /// for role in manager.client_roles(&client).await? {
    ///     println!("{}", role.name);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn client_roles(&self, client: &AuthClient) -> Result<Vec<Role>, Error> {
        let span = tracing::info_span!("client_roles", client_id = client.id);
        reconcile::mapped(self.api(), client).instrument(span).await
    }
}
