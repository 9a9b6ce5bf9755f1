use crate::model::client_uuid::ClientUuid;

/// The role of a client with authorization services that the server assigns to the client's own service account (observed
/// on Keycloak 22.0.5 and 26.7.3).
pub const UMA_PROTECTION: &str = "uma_protection";

/// The realm roles to assign to a service account, or to revoke from it. [`and_client`](Self::and_client) adds roles of
/// a client.
///
/// Source: the `roles` argument of the Python class.
///
/// # Examples
///
/// ```
/// use kxi_auth_core::Roles;
///
/// assert_eq!(Roles::default(), Roles::All);
/// let some = Roles::named(["insights.query.data", "insights.role.viewer"]);
/// assert!(matches!(some, Roles::Named(names) if names.len() == 2));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Roles {
    /// Every realm role that exists at the time of the request, including Keycloak's own (`offline_access`,
    /// `uma_authorization`, the realm's default role).
    #[default]
    All,
    /// The realm roles with these exact names. Duplicates are sent once. The name `all` stands for a role
    /// called `all`.
    Named(Vec<String>),
    /// No roles: the service account's roles are not changed.
    None,
}

impl Roles {
    /// The realm roles with these names, which are case-sensitive. Operations check that the roles exist.
    ///
    /// # Examples
    ///
    /// ```
    /// use kxi_auth_core::Roles;
    ///
    /// assert_eq!(Roles::named(["viewer"]), Roles::Named(vec!["viewer".to_owned()]));
    /// ```
    #[must_use]
    pub fn named<I>(names: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self::Named(names.into_iter().map(Into::into).collect())
    }
}

/// A realm role or a client role.
///
/// Returned by [`ClientManager::all_roles`](crate::ClientManager::all_roles),
/// [`ClientManager::service_account_roles`](crate::ClientManager::service_account_roles) and
/// [`ClientManager::effective_roles`](crate::ClientManager::effective_roles).
///
/// # Examples
///
/// ```
/// fn shown(role: &kxi_auth_core::Role) -> String {
///     format!("{}{}", role.name, if role.composite { " (composite)" } else { "" })
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Role {
    /// The role's name. It is unique among the realm roles, or among the roles of its client.
    pub name: String,
    /// The client ID of the client that the role belongs to. `None` for a realm role.
    pub client: Option<String>,
    /// The role's description, if it has one. Descriptions of Keycloak's own roles are message keys such as
    /// `${role_offline-access}`.
    pub description: Option<String>,
    /// Whether this is a composite role, which includes other roles.
    pub composite: bool,
    /// Keycloak's identifier. A role mapping must contain both the correct identifier and the correct name.
    pub(crate) id: String,
    /// The UUID of the client that the role belongs to. `None` for a realm role.
    pub(crate) client_uuid: Option<ClientUuid>,
}

impl Role {
    /// The role as text: the name of a realm role, and `client/role` for a client role.
    pub(crate) fn shown(&self) -> String {
        match &self.client {
            Some(client) => format!("{client}/{}", self.name),
            None => self.name.clone(),
        }
    }

    /// Whether the role has the name that Keycloak gives to the default role of a new realm: `default-roles-<realm>`,
    /// in lower case even if the realm's name has capitals (observed on Keycloak 26.7.3). Only the realm's settings
    /// say which role is the default.
    pub(crate) fn has_usual_default_name(&self, realm: &str) -> bool {
        self.name.to_lowercase() == format!("default-roles-{}", realm.to_lowercase())
    }
}
