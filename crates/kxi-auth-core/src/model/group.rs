use crate::model::role::Role;
use crate::model::role_set::RoleNames;

/// The roles and the groups of a service account.
///
/// Returned by [`ClientManager::service_account`](crate::ClientManager::service_account).
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let client = manager.get_client("my-service").await?;
/// let account = manager.service_account(&client).await?;
/// println!("{} roles, {} groups", account.roles.len(), account.groups.len());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceAccount {
    /// The roles that are assigned directly: first the realm roles, then those of each client, sorted by name.
    pub roles: Vec<Role>,
    /// The paths of the groups, sorted.
    pub groups: Vec<String>,
}

/// A group of a service account, and the roles that it grants.
///
/// Returned by [`ClientManager::group_grants`](crate::ClientManager::group_grants).
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let client = manager.get_client("my-service").await?;
/// for group in manager.group_grants(&client).await? {
///     println!("{}: {} roles", group.path, group.roles.len());
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupGrants {
    /// The path of the group, such as `/market-data/feeds`.
    pub path: String,
    /// The roles that are assigned to the group and to its parents. The roles that composite roles among them include are
    /// not listed.
    pub roles: RoleNames,
}

/// A group of the realm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// Keycloak's identifier.
    pub(crate) id: String,
    /// The names of its parents and its own, each after a slash: `/market-data/feeds`. A name can contain a slash too.
    pub(crate) path: String,
    pub(crate) name: String,
    /// The ID of its parent. Servers before Keycloak 23 do not show it.
    pub(crate) parent: Option<String>,
}

impl Group {
    /// The path of its parent. `None` for a group at the top.
    pub(crate) fn parent_path(&self) -> Option<&str> {
        let parent = self.path.strip_suffix(self.name.as_str())?.strip_suffix('/')?;
        (!parent.is_empty()).then_some(parent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_shows_where_the_path_of_the_parent_ends() {
        let parent = |path: &str, name: &str| {
            let (id, path, name) = (String::new(), path.to_owned(), name.to_owned());
            Group { id, path, name, parent: None }.parent_path().map(ToOwned::to_owned)
        };
        assert_eq!(parent("/market-data/feeds", "feeds").as_deref(), Some("/market-data"));
        assert_eq!(parent("/market-data/feeds/eu", "feeds/eu").as_deref(), Some("/market-data"));
        assert_eq!(parent("/market-data", "market-data"), None);
        assert_eq!(parent("/a/b", "a/b"), None);
    }
}
