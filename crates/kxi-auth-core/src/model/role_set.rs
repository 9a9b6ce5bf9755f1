//! Which roles a service account is to have, and which were changed: realm roles and client roles.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::role::{Role, Roles};

/// The roles that an operation assigns or revokes: realm roles, and roles of clients such as `realm-management`.
///
/// [`Roles`] converts to it, so an operation on realm roles alone takes `Roles`.
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// use kxi_auth_core::Roles;
///
/// let roles = Roles::named(["insights.query.data"]).and_client("realm-management", ["view-clients", "view-users"]);
/// let client = manager.register_client("my-service").roles(roles).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleSet {
    pub(crate) realm: Roles,
    pub(crate) clients: BTreeMap<String, BTreeSet<String>>,
}

impl RoleSet {
    /// Adds roles of a client. The client ID and the names are exact and case-sensitive; there is no name for all roles
    /// of a client. If [`exact_roles`](crate::RegisterClient::exact_roles) is on, the service account's other roles of
    /// this client are revoked, so an empty list revokes all of them.
    ///
    /// # Examples
    ///
    /// ```
    /// use kxi_auth_core::{RoleSet, Roles};
    ///
    /// let roles = RoleSet::from(Roles::None).and_client("app", ["reader"]).and_client("app", ["writer"]);
    /// assert_eq!(roles, Roles::None.and_client("app", ["writer", "reader"]));
    /// ```
    #[must_use]
    pub fn and_client<I>(mut self, client_id: impl Into<String>, names: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.clients.entry(client_id.into()).or_default().extend(names.into_iter().map(Into::into));
        self
    }

    /// The realm roles.
    #[must_use]
    pub fn realm(&self) -> &Roles {
        &self.realm
    }

    /// The names of the client roles, by client ID.
    #[must_use]
    pub fn clients(&self) -> &BTreeMap<String, BTreeSet<String>> {
        &self.clients
    }

    /// Whether it names a role of the realm, so that the realm's roles have to be read.
    pub(crate) fn has_realm_roles(&self) -> bool {
        match &self.realm {
            Roles::All => true,
            Roles::Named(names) => !names.is_empty(),
            Roles::None => false,
        }
    }
}

impl From<Roles> for RoleSet {
    fn from(realm: Roles) -> Self {
        Self { realm, clients: BTreeMap::new() }
    }
}

impl Roles {
    /// These realm roles, and roles of a client: see [`RoleSet::and_client`].
    ///
    /// # Examples
    ///
    /// ```
    /// use kxi_auth_core::Roles;
    ///
    /// let roles = Roles::None.and_client("realm-management", ["view-clients"]);
    /// assert!(roles.clients()["realm-management"].contains("view-clients"));
    /// ```
    #[must_use]
    pub fn and_client<I>(self, client_id: impl Into<String>, names: I) -> RoleSet
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        RoleSet::from(self).and_client(client_id, names)
    }
}

/// Which other roles are revoked: the argument of [`RegisterClient::exact_roles`](crate::RegisterClient::exact_roles).
///
/// # Examples
///
/// ```
/// use kxi_auth_core::ExactRoles;
///
/// assert_eq!(ExactRoles::from(true), ExactRoles::Named);
/// assert_eq!(ExactRoles::from(false), ExactRoles::Off);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExactRoles {
    /// None. Roles are only added.
    #[default]
    Off,
    /// The other realm roles, and the other roles of each client that the [`RoleSet`] names.
    Named,
    /// All other realm and client roles.
    All,
}

impl From<bool> for ExactRoles {
    fn from(exact: bool) -> Self {
        if exact { Self::Named } else { Self::Off }
    }
}

/// Names of realm roles and client roles that were changed, or would be.
///
/// Part of [`Registration`](crate::Registration) and [`RegistrationPlan`](crate::RegistrationPlan), and the result of
/// [`assign_roles`](crate::ClientManager::assign_roles) and [`revoke_roles`](crate::ClientManager::revoke_roles).
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let added = manager.register_client("my-service").await?.roles_added;
/// println!("{} realm roles, roles of {} clients", added.realm.len(), added.clients.len());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoleNames {
    /// The realm roles, in the order in which they were sent.
    pub realm: Vec<String>,
    /// The client roles, by client ID. A client without a role is left out.
    pub clients: BTreeMap<String, Vec<String>>,
}

/// The names of these roles, in their order.
impl FromIterator<Role> for RoleNames {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        let mut names = Self::default();
        for Role { name, client, .. } in roles {
            match client {
                Some(client) => names.clients.entry(client).or_default().push(name),
                None => names.realm.push(name),
            }
        }
        // Results keep them.
        names.realm.shrink_to_fit();
        names
    }
}

impl RoleNames {
    /// How many roles these are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.realm.len() + self.clients.values().map(Vec::len).sum::<usize>()
    }

    /// Whether there is no role.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Each role as text: the name of a realm role, and `client/role` for a client role.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// for role in manager.register_client("my-service").await?.roles_added.shown() {
    ///     println!("{role} was added");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn shown(&self) -> impl Iterator<Item = String> + '_ {
        let of_client = |(client, names): (&String, &Vec<String>)| {
            names.iter().map(|name| format!("{client}/{name}")).collect::<Vec<_>>()
        };
        self.realm.iter().cloned().chain(self.clients.iter().flat_map(of_client))
    }
}
