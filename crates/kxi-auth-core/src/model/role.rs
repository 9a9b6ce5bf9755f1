use std::collections::HashSet;
use std::fmt;

use crate::error::Error;

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

/// A name that no role of the realm has. It displays as the name in backticks and what may be meant.
///
/// Told by [`Error::UnknownRoles`].
///
/// # Examples
///
/// ```
/// use kxi_auth_core::Error;
///
/// fn corrections(error: &Error) -> Vec<(&str, &str)> {
///     let Error::UnknownRoles { unknown, .. } = error else { return Vec::new() };
///     unknown.iter().filter_map(|role| Some((role.name.as_str(), role.nearest.as_deref()?))).collect()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownRole {
    /// The name that was asked for.
    pub name: String,
    /// The existing role whose name is most like it; none if there is none that is half alike.
    pub nearest: Option<String>,
}

impl fmt::Display for UnknownRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.name.escape_debug())?;
        match &self.nearest {
            Some(nearest) => write!(f, " (did you mean `{}`?)", nearest.escape_debug()),
            None => Ok(()),
        }
    }
}

/// Picks the named ones of `existing`, each once, in the order given.
///
/// # Errors
///
/// [`Error::UnknownRoles`] with all the names that do not exist.
pub(crate) fn pick(existing: &[Role], names: &[String], realm: &str) -> Result<Vec<Role>, Error> {
    let mut seen = HashSet::new();
    let (mut picked, mut unknown) = (Vec::new(), Vec::new());
    for name in names.iter().filter(|name| seen.insert(name.as_str())) {
        match existing.iter().find(|role| role.name == *name) {
            Some(role) => picked.push(role.clone()),
            None => unknown.push(unknown_role(name, existing)),
        }
    }
    if unknown.is_empty() {
        Ok(picked)
    } else {
        Err(Error::UnknownRoles { realm: realm.to_owned(), unknown })
    }
}

/// The unknown name and the nearest existing one, if any is near.
fn unknown_role(name: &str, existing: &[Role]) -> UnknownRole {
    let near = existing
        .iter()
        .map(|role| (strsim::normalized_damerau_levenshtein(name, &role.name), &role.name))
        .filter(|(likeness, _)| *likeness > 0.5)
        .max_by(|one, two| one.0.total_cmp(&two.0));
    UnknownRole { name: name.to_owned(), nearest: near.map(|(_, nearest)| nearest.clone()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: &str) -> Role {
        Role {
            name: name.to_owned(),
            description: None,
            composite: false,
            id: format!("id of {name}"),
            client: None,
        }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn picks_each_once_in_the_order_given() {
        let existing = [role("a"), role("b"), role("all")];
        let picked = pick(&existing, &names(&["all", "a", "all"]), "r").unwrap();
        assert_eq!(picked.iter().map(|role| role.name.as_str()).collect::<Vec<_>>(), ["all", "a"]);
    }

    #[test]
    fn names_every_unknown_role_and_the_nearest() {
        let existing = [role("insights.query.data"), role("insights.role.viewer")];
        let error =
            pick(&existing, &names(&["insights.query.dat", "insights.role.viewer", "zz"]), "insights");
        let error = error.unwrap_err();
        let Error::UnknownRoles { unknown, .. } = &error else { panic!("{error:?}") };
        let told: Vec<_> = unknown.iter().map(|role| (role.name.as_str(), role.nearest.as_deref())).collect();
        assert_eq!(told, [("insights.query.dat", Some("insights.query.data")), ("zz", None)]);
        assert_eq!(
            error.to_string(),
            "unknown roles in the realm `insights`: `insights.query.dat` (did you mean `insights.query.data`?), `zz`"
        );
    }
}
