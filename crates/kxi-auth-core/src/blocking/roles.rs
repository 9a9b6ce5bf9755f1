use crate::blocking::manager::ClientManager;
use crate::blocking::runtime;
use crate::error::Error;
use crate::model::auth_client::AuthClient;
use crate::model::role::{Role, Roles};
use crate::roles::assign::AssignRoles;
use crate::roles::revoke::RevokeRoles;

impl ClientManager {
    /// Returns all roles of the realm: see [`all_roles`](crate::ClientManager::all_roles).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// for role in manager.all_roles()? {
    ///     println!("{}", role.name);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn all_roles(&self) -> Result<Vec<Role>, Error> {
        runtime::wait(&self.inner, self.inner.all_roles())?
    }

    /// Returns the realm's default role: see [`default_role`](crate::ClientManager::default_role).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn f(manager: kxi_auth_core::blocking::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// println!("{}", manager.default_role()?.name);
    /// # Ok(()) }
    /// ```
    pub fn default_role(&self) -> Result<Role, Error> {
        runtime::wait(&self.inner, self.inner.default_role())?
    }

    /// Assigns realm roles to the client's service account: see [`assign_roles`](crate::ClientManager::assign_roles).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// use kxi_auth_core::Roles;
    ///
    /// let client = manager.get_client("my-service").call()?;
    /// let added = manager.assign_roles(&client, Roles::named(["insights.query.sql"])).call()?;
    /// # Ok(()) }
    /// ```
    pub fn assign_roles(&self, client: &AuthClient, roles: Roles) -> AssignRoles {
        self.inner.assign_roles(client, roles)
    }

    /// Revokes realm roles from the client's service account: see [`revoke_roles`](crate::ClientManager::revoke_roles).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// use kxi_auth_core::Roles;
    ///
    /// let client = manager.get_client("my-service").call()?;
    /// let revoked = manager.revoke_roles(&client, Roles::named(["insights.query.sql"])).call()?;
    /// # Ok(()) }
    /// ```
    pub fn revoke_roles(&self, client: &AuthClient, roles: Roles) -> RevokeRoles {
        self.inner.revoke_roles(client, roles)
    }

    /// Returns the realm roles of the client's service account: see [`client_roles`](crate::ClientManager::client_roles).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").call()?;
    /// let roles = manager.client_roles(&client)?;
    /// # Ok(()) }
    /// ```
    pub fn client_roles(&self, client: &AuthClient) -> Result<Vec<Role>, Error> {
        runtime::wait(&self.inner, self.inner.client_roles(client))?
    }
}
