//! The roles of the realm, and the roles of a service account.

pub(crate) mod account;
pub(crate) mod assign;
mod cells;
pub(crate) mod change;
pub(crate) mod composites;
mod effective;
pub(crate) mod grants;
pub(crate) mod groups;
pub(crate) mod keep;
pub(crate) mod reconcile;
pub(crate) mod revoke;
pub(crate) mod wanted;

use tracing::Instrument as _;

use crate::desired::validate;
use crate::error::Error;
use crate::manager::ClientManager;
use crate::model::auth_client::AuthClient;
use crate::model::group::{GroupGrants, ServiceAccount};
use crate::model::role::Role;
use crate::model::role_set::RoleSet;
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
        wanted::all_roles(self.api()).await
    }

    /// Returns all roles of the client with this ID, such as `realm-management`. Realm roles are not included. Two requests.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::Forbidden`] if the signed-in admin does not have `view-clients`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// for role in manager.roles_of_client("realm-management").await? {
    ///     println!("{}", role.name);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn roles_of_client(&self, client_id: &str) -> Result<Vec<Role>, Error> {
        validate::client_id(client_id)?;
        let span = tracing::info_span!("roles_of_client", client_id);
        wanted::of_client(self.api(), client_id).instrument(span).await
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

    /// Assigns realm roles and client roles to the client's service account. Roles that it has already stay. Returns the
    /// names of the roles that were added. One request for the realm roles, and one for each client that has a role to
    /// add. Built-in clients are not protected here, because roles can be revoked again.
    ///
    /// Roles of `realm-management` can be assigned only by an admin that has them (observed on Keycloak 26.7.3).
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
    /// let roles = Roles::named(["insights.query.sql"]).and_client("realm-management", ["view-clients"]);
    /// let added = manager.assign_roles(&client, roles).await?;
    /// # Ok(()) }
    /// ```
    pub fn assign_roles(&self, client: &AuthClient, roles: impl Into<RoleSet>) -> AssignRoles {
        AssignRoles::new(self, client, roles.into())
    }

    /// Revokes realm roles and client roles from the client's service account. Returns the names of the roles that it
    /// had. [`Roles::All`](crate::Roles::All) revokes every realm role that is assigned directly, including the realm's
    /// default role. Built-in clients are not protected here, because roles can be assigned again.
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
    pub fn revoke_roles(&self, client: &AuthClient, roles: impl Into<RoleSet>) -> RevokeRoles {
        RevokeRoles::new(self, client, roles.into())
    }

    /// Returns the roles that are assigned directly to the client's service account: first the realm roles, then those of
    /// each client, sorted by name. Roles that it inherits through composite roles and groups are not included. If the
    /// user of the service account was deleted, it has no roles.
    ///
    /// Three requests, none of which writes.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::NotAServiceAccount`] if the client's service account is off; [`Error::Forbidden`]
    /// if the signed-in admin does not have `view-users`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").await?;
    /// for role in manager.service_account_roles(&client).await? {
    ///     println!("{} {}", role.client.unwrap_or_default(), role.name);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn service_account_roles(&self, client: &AuthClient) -> Result<Vec<Role>, Error> {
        let span = tracing::info_span!("service_account_roles", client_id = client.id);
        reconcile::assigned(self.api(), (&client.id, &client.uuid)).instrument(span).await
    }

    /// Returns every role that the client's service account has: those that are assigned directly, those of its groups, and
    /// those that composite roles among them include, at any depth. First the realm roles, then those of each client,
    /// sorted by name. A token can carry fewer: only those in the client's scope.
    ///
    /// Four requests, up to two for each group and each of its parents, one for each composite role, and one for each client
    /// whose roles a composite role includes. None of them writes.
    ///
    /// # Errors
    ///
    /// Those of [`service_account_roles`](Self::service_account_roles), and [`Error::Forbidden`] if the signed-in admin
    /// may not read a composite role (`view-realm`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").await?;
    /// let roles = manager.effective_roles(&client).await?;
    /// let is_admin = roles.iter().any(|role| role.name == "realm-admin");
    /// # Ok(()) }
    /// ```
    pub async fn effective_roles(&self, client: &AuthClient) -> Result<Vec<Role>, Error> {
        let span = tracing::info_span!("effective_roles", client_id = client.id);
        effective::roles(self.api(), (&client.id, &client.uuid)).instrument(span).await
    }

    /// Returns the roles and the groups of the client's service account: what
    /// [`service_account_roles`](Self::service_account_roles) and [`service_account_groups`](Self::service_account_groups)
    /// return, in four requests instead of six. None of them writes.
    ///
    /// # Errors
    ///
    /// Those of [`service_account_roles`](Self::service_account_roles).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").await?;
    /// println!("{}", manager.service_account(&client).await?.groups.join(", "));
    /// # Ok(()) }
    /// ```
    pub async fn service_account(&self, client: &AuthClient) -> Result<ServiceAccount, Error> {
        let span = tracing::info_span!("service_account", client_id = client.id);
        groups::account(self.api(), (&client.id, &client.uuid)).instrument(span).await
    }

    /// Returns the paths of the groups that the client's service account is a member of, sorted. If the user of the service
    /// account was deleted, it is in none. Three requests, none of which writes.
    ///
    /// # Errors
    ///
    /// Those of [`service_account_roles`](Self::service_account_roles).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").await?;
    /// println!("{}", manager.service_account_groups(&client).await?.join(", "));
    /// # Ok(()) }
    /// ```
    pub async fn service_account_groups(&self, client: &AuthClient) -> Result<Vec<String>, Error> {
        let span = tracing::info_span!("service_account_groups", client_id = client.id);
        groups::paths(self.api(), (&client.id, &client.uuid)).instrument(span).await
    }

    /// Returns each group of the client's service account with the roles that it grants: those of the group and of its
    /// parents. Three requests, and up to two for each of these groups. None of them writes.
    ///
    /// # Errors
    ///
    /// Those of [`service_account_roles`](Self::service_account_roles).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").await?;
    /// for group in manager.group_grants(&client).await? {
    ///     println!("{}: {}", group.path, group.roles.shown().collect::<Vec<_>>().join(", "));
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn group_grants(&self, client: &AuthClient) -> Result<Vec<GroupGrants>, Error> {
        let span = tracing::info_span!("group_grants", client_id = client.id);
        groups::grants(self.api(), (&client.id, &client.uuid)).instrument(span).await
    }

    /// Returns the realm roles of [`service_account_roles`](Self::service_account_roles).
    ///
    /// # Errors
    ///
    /// Those of [`service_account_roles`](Self::service_account_roles).
    #[deprecated(since = "0.1.0", note = "use `service_account_roles`, which returns the client roles too")]
    pub async fn client_roles(&self, client: &AuthClient) -> Result<Vec<Role>, Error> {
        let mut roles = self.service_account_roles(client).await?;
        roles.retain(|role| role.client.is_none());
        Ok(roles)
    }
}
