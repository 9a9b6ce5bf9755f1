//! The realm's roles, and those of a service account.

pub(crate) mod assign;
pub(crate) mod grants;
pub(crate) mod reconcile;

use tracing::Instrument as _;

use crate::error::Error;
use crate::manager::ClientManager;
use crate::model::auth_client::AuthClient;
use crate::model::role::{Role, Roles};
use crate::roles::assign::AssignRoles;

impl ClientManager {
    /// All roles of the realm, Keycloak's own included, but none of its clients' roles. One request.
    ///
    /// Source: `all_roles`.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`] if the signed-in user has no `view-realm`.
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

    /// Adds realm roles to the client's service account; what it has already stays. Returns the
    /// names of those that were added now. The platform's own clients are not guarded here, for roles can
    /// be taken back.
    ///
    /// Source: `assign_roles`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownRoles`] names every unknown one; [`Error::NotAServiceAccount`] if the client's
    /// service account is off; [`Error::MasterRoles`]; [`Error::Conflict`] if one of the roles is deleted
    /// again and again meanwhile.
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

    /// Takes realm roles from the client's service account, and returns the names of those that it
    /// had. [`Roles::All`] takes all that are mapped, `default-roles-<realm>` included. The platform's own
    /// clients are not guarded here, for roles can be given back.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownRoles`] names every unknown one: a misspelt one must not pass for revoked;
    /// [`Error::NotAServiceAccount`] if the client's service account is off; [`Error::NotFound`].
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
    pub async fn revoke_roles(&self, client: &AuthClient, roles: Roles) -> Result<Vec<String>, Error> {
        let span = tracing::info_span!("revoke_roles", client_id = client.id);
        reconcile::revoke(self.api(), client, &roles).instrument(span).await
    }

    /// The realm roles that are mapped to the client's service account directly; what composites among
    /// them include is not listed.
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
