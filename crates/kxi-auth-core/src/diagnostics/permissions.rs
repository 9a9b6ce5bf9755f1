//! Finds out, without a write, what the signed-in admin may do.

use std::fmt;

use crate::admin::Api;
use crate::admin::access::{AccessBlock, COMMON_CLIENT};
use crate::admin::users::UserId;
use crate::error::Error;

/// A right that operations of the manager need.
///
/// Each right comes from the role with the same name. A role that begins with `manage-` includes the role that begins
/// with `view-`.
///
/// Source: the roles of the client `realm-management`, and which of them each request needs (observed on Keycloak
/// 22.0.5, 24.0.5, 26.0.8 and 26.7.3).
///
/// # Examples
///
/// ```
/// use kxi_auth_core::Right;
///
/// assert_eq!(Right::ManageClients.role(), "manage-clients");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Right {
    /// To find and list clients, with their secrets: `view-clients`.
    ViewClients,
    /// To register, update and delete clients: `manage-clients`.
    ManageClients,
    /// To read the realm's roles: `view-realm`.
    ViewRealm,
    /// To read the roles of a service account: `view-users`.
    ViewUsers,
    /// To assign roles to a service account and to revoke them: `manage-users`.
    ManageUsers,
}

impl Right {
    /// The role that grants the right.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(kxi_auth_core::Right::ViewRealm.role(), "view-realm");
    /// ```
    #[must_use]
    pub fn role(self) -> &'static str {
        match self {
            Self::ViewClients => "view-clients",
            Self::ManageClients => "manage-clients",
            Self::ViewRealm => "view-realm",
            Self::ViewUsers => "view-users",
            Self::ManageUsers => "manage-users",
        }
    }
}

/// Whether the signed-in admin has a right.
///
/// # Examples
///
/// ```
/// fn is_enough(access: &kxi_auth_core::Access) -> bool {
///     *access == kxi_auth_core::Access::Granted
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// The server allows it. The admin need not have the role itself: another role, such as `realm-admin`, can include
    /// it, and up to Keycloak 26.0 the server shows the realm's roles to every user with a role that begins with `view-`
    /// or `query-` (observed on Keycloak 22.0.5, 24.0.5 and 26.0.8; not on 26.7.3).
    Granted,
    /// The server rejects it, or hides everything that it is about.
    #[non_exhaustive]
    Denied {
        /// What the server says or does.
        reason: String,
    },
    /// It cannot be checked without a write.
    #[non_exhaustive]
    Unknown {
        /// Why it cannot be checked.
        reason: String,
    },
}

impl Access {
    fn denied(reason: &str) -> Self {
        Self::Denied { reason: reason.to_owned() }
    }

    fn unknown(reason: &str) -> Self {
        Self::Unknown { reason: reason.to_owned() }
    }

    /// The access that a server's `access` block shows for `key`.
    fn of(block: &AccessBlock, key: &str) -> Self {
        match block.get(key) {
            Some(true) => Self::Granted,
            Some(false) => Self::Denied { reason: format!("the server says `{key}: false`") },
            None => Self::Unknown { reason: format!("the server does not show `{key}`") },
        }
    }
}

/// A right, whether the signed-in admin has it, and the role that grants it.
///
/// `Display` names the role: ``the role `manage-clients` of the client `realm-management` in the
/// realm `insights` ``.
///
/// Returned by [`ClientManager::permissions`](crate::ClientManager::permissions).
///
/// # Examples
///
/// ```
/// use kxi_auth_core::{Access, Permission};
///
/// fn remedy(permission: &Permission) -> Option<String> {
///     matches!(permission.access, Access::Denied { .. }).then(|| format!("give the user {permission}"))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Permission {
    /// The right. Its [`role`](Right::role) grants it.
    pub right: Right,
    /// Whether the admin has it.
    pub access: Access,
    /// The client that the role belongs to: `realm-management`, or `<realm>-realm` for an admin of the realm `master`.
    pub client: String,
    /// The realm of that client, which is the realm that the admin signs in to.
    pub realm: String,
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { right, client, realm, .. } = self;
        write!(f, "the role `{}` of the client `{client}` in the realm `{realm}`", right.role())
    }
}

/// Each right, as far as the server shows it.
pub(crate) async fn permissions(api: &Api) -> Result<Vec<Permission>, Error> {
    let [view_clients, manage_clients] = clients(api).await?;
    let view_realm = realm(api).await?;
    let [view_users, manage_users] = users(api).await?;
    let (client, realm) = api.management();
    let permission =
        |(right, access)| Permission { right, access, client: client.clone(), realm: realm.clone() };
    let found = [
        (Right::ViewClients, view_clients),
        (Right::ManageClients, manage_clients),
        (Right::ViewRealm, view_realm),
        (Right::ViewUsers, view_users),
        (Right::ManageUsers, manage_users),
    ];
    Ok(found.into_iter().map(permission).collect())
}

/// The rights to view and to manage clients.
async fn clients(api: &Api) -> Result<[Access; 2], Error> {
    let common = match allowed(api.listed_client(COMMON_CLIENT).await)? {
        Err(denied) => return Ok(both(denied)),
        Ok(common) => common,
    };
    if let Some(client) = common {
        return Ok([Access::Granted, Access::of(&client.access, "manage")]);
    }
    // Every realm has clients of Keycloak's own. The server hides them from an admin with only `query-clients`.
    Ok(both(if api.first_client().await?.is_none() {
        Access::denied("the server hides all clients from this admin")
    } else {
        let reason = "the server shows clients to this admin, but not `admin-cli`, which the check needs; it was \
                      deleted, or the admin may see only some of the clients";
        Access::unknown(reason)
    }))
}

/// The right to view the realm's roles.
async fn realm(api: &Api) -> Result<Access, Error> {
    Ok(match allowed(api.has_roles().await)? {
        Err(denied) => denied,
        Ok(true) => Access::Granted,
        // Every realm has roles of Keycloak's own.
        Ok(false) => Access::denied("the server hides all roles from this admin"),
    })
}

/// The rights to view users and to assign roles to them. Service accounts are users.
async fn users(api: &Api) -> Result<[Access; 2], Error> {
    let first = match allowed(api.first_user().await)? {
        Err(denied) => return Ok(both(denied)),
        Ok(first) => first,
    };
    if let Some(user) = first {
        return user_rights(api, &user).await;
    }
    // The list has only people, and it is empty for an admin with only `query-users`.
    if api.is_user_of_realm() || api.user_count().await? > 0 {
        return Ok(both(Access::denied("the server hides all users from this admin")));
    }
    let unknown = || both(Access::unknown("the realm has no user and no service account to check this with"));
    match allowed(api.first_service_account().await)? {
        Ok(Some(user)) => user_rights(api, &user).await,
        Ok(None) if api.lists_every_user().await? => Ok(unknown()),
        Ok(None) => Ok(both(Access::denied("the server hides all users from this admin"))),
        Err(denied) => Ok(both(denied)),
    }
}

async fn user_rights(api: &Api, user: &UserId) -> Result<[Access; 2], Error> {
    match allowed(api.user_access(user).await) {
        Ok(Ok(block)) => Ok([Access::of(&block, "view"), Access::of(&block, "mapRoles")]),
        Ok(Err(denied)) => Ok(both(denied)),
        Err(Error::NotFound { .. }) => {
            Ok(both(Access::unknown("the user that this check uses was just deleted; try again")))
        }
        Err(error) => Err(error),
    }
}

fn both(access: Access) -> [Access; 2] {
    [access.clone(), access]
}

/// Turns a missing permission into the access it shows. Any other failure stays an error.
fn allowed<T>(outcome: Result<T, Error>) -> Result<Result<T, Access>, Error> {
    match outcome {
        Ok(answer) => Ok(Ok(answer)),
        Err(Error::Forbidden { request, .. }) => {
            Ok(Err(Access::Denied { reason: format!("the server rejects {request} (403)") }))
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Hint, RequestLine};

    #[test]
    fn an_access_block_grants_only_what_it_says() {
        let block = AccessBlock::from([("view", true), ("mapRoles", false)]);
        assert_eq!(Access::of(&block, "view"), Access::Granted);
        assert_eq!(Access::of(&block, "mapRoles"), Access::denied("the server says `mapRoles: false`"));
        assert!(matches!(Access::of(&block, "manage"), Access::Unknown { .. }));
    }

    #[test]
    fn only_a_missing_permission_is_a_denial() {
        let request = || RequestLine::new("GET", "/admin/realms/{realm}/users", &["insights"]);
        let refused =
            Error::Forbidden { request: request(), needs: "a role".to_owned(), hint: Hint::CheckPermissions };
        let denied = allowed::<()>(Err(refused)).unwrap().unwrap_err();
        assert_eq!(denied, Access::denied("the server rejects GET /admin/realms/insights/users (403)"));
        let gateway = Error::NotKeycloak { request: request(), status: 403, answer: "blocked".to_owned() };
        assert!(allowed::<()>(Err(gateway)).is_err());
    }

    #[test]
    fn a_permission_names_the_role_that_would_give_it() {
        let permission = Permission {
            right: Right::ManageUsers,
            access: Access::denied("no"),
            client: "insights-realm".to_owned(),
            realm: "master".to_owned(),
        };
        assert_eq!(
            permission.to_string(),
            "the role `manage-users` of the client `insights-realm` in the realm `master`"
        );
    }
}
