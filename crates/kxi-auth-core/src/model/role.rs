/// Which realm roles a service account is given.
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
    /// Every realm role that the realm has when it is asked, Keycloak's own (`offline_access`,
    /// `uma_authorization`, `default-roles-<realm>`) included.
    #[default]
    All,
    /// These realm roles, by their exact names; none that is named twice is sent twice. A role that is
    /// itself called `all` is meant here.
    Named(Vec<String>),
    /// None: role assignment is left out.
    None,
}

impl Roles {
    /// The realm roles with these names, which are case-sensitive. Whether they exist is checked when they
    /// are used.
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

/// A realm role.
///
/// Returned by [`ClientManager::all_roles`](crate::ClientManager::all_roles) and
/// [`ClientManager::client_roles`](crate::ClientManager::client_roles).
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
    /// Its name, unique in the realm.
    pub name: String,
    /// Its description, if it has one. Keycloak's own are keys such as `${role_offline-access}`.
    pub description: Option<String>,
    /// Whether it includes other roles.
    pub composite: bool,
    /// Keycloak's identifier: a mapping must name it and the name, both right.
    pub(crate) id: String,
    /// The uuid of the client whose role it is; none for a realm role.
    pub(crate) client: Option<String>,
}

impl Role {
    /// Whether this is the role that every user of the realm with this name has, `default-roles-<realm>`. The
    /// server spells it in lower case, whatever the realm's name (seen on 26.7.3).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let mut roles = manager.all_roles().await?;
    /// roles.retain(|role| !role.is_default_of(manager.realm()));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_default_of(&self, realm: &str) -> bool {
        self.name.to_lowercase() == format!("default-roles-{}", realm.to_lowercase())
    }
}
