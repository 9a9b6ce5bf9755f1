use crate::blocking::manager::ClientManager;
use crate::blocking::runtime;
use crate::error::Error;
use crate::model::auth_client::AuthClient;
use crate::model::group::{GroupGrants, ServiceAccount};
use crate::model::role::Role;
use crate::model::role_set::RoleSet;
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

    /// Returns all roles of a client: see [`roles_of_client`](crate::ClientManager::roles_of_client).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn f(manager: kxi_auth_core::blocking::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// println!("{} roles", manager.roles_of_client("realm-management")?.len());
    /// # Ok(()) }
    /// ```
    pub fn roles_of_client(&self, client_id: &str) -> Result<Vec<Role>, Error> {
        runtime::wait(&self.inner, self.inner.roles_of_client(client_id))?
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

    /// Assigns roles to the client's service account: see [`assign_roles`](crate::ClientManager::assign_roles).
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
    pub fn assign_roles(&self, client: &AuthClient, roles: impl Into<RoleSet>) -> AssignRoles {
        self.inner.assign_roles(client, roles)
    }

    /// Revokes roles from the client's service account: see [`revoke_roles`](crate::ClientManager::revoke_roles).
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
    pub fn revoke_roles(&self, client: &AuthClient, roles: impl Into<RoleSet>) -> RevokeRoles {
        self.inner.revoke_roles(client, roles)
    }

    /// Returns the roles of the client's service account: see
    /// [`service_account_roles`](crate::ClientManager::service_account_roles).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").call()?;
    /// let roles = manager.service_account_roles(&client)?;
    /// # Ok(()) }
    /// ```
    pub fn service_account_roles(&self, client: &AuthClient) -> Result<Vec<Role>, Error> {
        runtime::wait(&self.inner, self.inner.service_account_roles(client))?
    }

    /// Returns every role that the client's service account has: see
    /// [`effective_roles`](crate::ClientManager::effective_roles).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").call()?;
    /// println!("{} roles", manager.effective_roles(&client)?.len());
    /// # Ok(()) }
    /// ```
    pub fn effective_roles(&self, client: &AuthClient) -> Result<Vec<Role>, Error> {
        runtime::wait(&self.inner, self.inner.effective_roles(client))?
    }

    /// Returns the roles and the groups of the client's service account: see
    /// [`service_account`](crate::ClientManager::service_account).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").call()?;
    /// println!("{} roles", manager.service_account(&client)?.roles.len());
    /// # Ok(()) }
    /// ```
    pub fn service_account(&self, client: &AuthClient) -> Result<ServiceAccount, Error> {
        runtime::wait(&self.inner, self.inner.service_account(client))?
    }

    /// Returns the groups of the client's service account: see
    /// [`service_account_groups`](crate::ClientManager::service_account_groups).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").call()?;
    /// println!("{}", manager.service_account_groups(&client)?.join(", "));
    /// # Ok(()) }
    /// ```
    pub fn service_account_groups(&self, client: &AuthClient) -> Result<Vec<String>, Error> {
        runtime::wait(&self.inner, self.inner.service_account_groups(client))?
    }

    /// Returns each group of the client's service account with the roles that it grants: see
    /// [`group_grants`](crate::ClientManager::group_grants).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").call()?;
    /// println!("{} groups", manager.group_grants(&client)?.len());
    /// # Ok(()) }
    /// ```
    pub fn group_grants(&self, client: &AuthClient) -> Result<Vec<GroupGrants>, Error> {
        runtime::wait(&self.inner, self.inner.group_grants(client))?
    }

    /// Returns the realm roles of [`service_account_roles`](Self::service_account_roles).
    #[deprecated(since = "0.1.0", note = "use `service_account_roles`, which returns the client roles too")]
    #[expect(deprecated, reason = "it calls the deprecated method that it mirrors")]
    pub fn client_roles(&self, client: &AuthClient) -> Result<Vec<Role>, Error> {
        runtime::wait(&self.inner, self.inner.client_roles(client))?
    }
}
