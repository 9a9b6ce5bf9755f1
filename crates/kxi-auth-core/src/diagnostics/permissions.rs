//! What the signed-in user may do, found without a write.

use std::fmt;

use crate::admin::Api;
use crate::admin::access::AccessBlock;
use crate::admin::roles::UserId;
use crate::error::Error;

/// A client that every realm has and that has no secret. Whoever may manage clients may manage it, which
/// cannot be said of `realm-management` (26.7.3).
const COMMON_CLIENT: &str = "admin-cli";

/// A right that operations of the manager need.
///
/// Each is given by a role of its own name; a role that begins with `manage-` gives the one that begins
/// with `view-` too.
///
/// Source: the roles of the client `realm-management`, and which of them each request needs (seen on
/// Keycloak 24.0.5 and 26.7.3).
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
    /// The role that gives it.
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

/// Whether the signed-in user has a right.
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
    /// The server allows it. The user need not have the role: another one, such as `realm-admin`, can
    /// include it, and Keycloak 24.0.5 shows the realm's roles to every user with a role that begins with
    /// `view-` or `query-`.
    Granted,
    /// The server refuses it, or hides everything that it is about.
    #[non_exhaustive]
    Denied {
        /// What the server says or does.
        reason: String,
    },
    /// It cannot be told without a write.
    #[non_exhaustive]
    Unknown {
        /// Why not.
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

    /// What a server's `access` block says about `key`.
    fn of(block: &AccessBlock, key: &str) -> Self {
        match block.get(key) {
            Some(true) => Self::Granted,
            Some(false) => Self::Denied { reason: format!("the server says `{key}: false`") },
            None => Self::Unknown { reason: format!("the server does not tell `{key}`") },
        }
    }
}

/// A right, whether the signed-in user has it, and which role would give it.
///
/// `Display` is the role in words: ``the role `manage-clients` of the client `realm-management` in the
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
    /// What it is about; its [`role`](Right::role) is the one that would give it.
    pub right: Right,
    /// Whether the user has it.
    pub access: Access,
    /// The client that the role belongs to: `realm-management`, or for an admin of the realm `master`
    /// `<realm>-realm`.
    pub client: String,
    /// The realm in which that client is, and in which the user signs in.
    pub realm: String,
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { right, client, realm, .. } = self;
        write!(f, "the role `{}` of the client `{client}` in the realm `{realm}`", right.role())
    }
}

/// Each right with what the server lets be seen of it.
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

/// To view and to manage clients.
async fn clients(api: &Api) -> Result<[Access; 2], Error> {
    let common = match allowed(api.listed_client(COMMON_CLIENT).await)? {
        Err(denied) => return Ok(both(denied)),
        Ok(common) => common,
    };
    if let Some(client) = common {
        return Ok([Access::Granted, Access::of(&client.access, "manage")]);
    }
    // Every realm has clients of Keycloak's own. It hides them from a user with no more than `query-clients`.
    Ok(both(if api.first_client().await?.is_none() {
        Access::denied("the server hides all clients from this user")
    } else {
        let reason = "the server shows clients to this user, but not `admin-cli`, which tells what may be \
                      done with all of them: it was deleted, or the user may see some clients only";
        Access::unknown(reason)
    }))
}

/// To view the realm's roles.
async fn realm(api: &Api) -> Result<Access, Error> {
    Ok(match allowed(api.has_roles().await)? {
        Err(denied) => denied,
        Ok(true) => Access::Granted,
        // Each realm has roles of Keycloak's own.
        Ok(false) => Access::denied("the server hides all roles from this user"),
    })
}

/// To view users and to map roles to them: service accounts are users.
async fn users(api: &Api) -> Result<[Access; 2], Error> {
    let first = match allowed(api.first_user().await)? {
        Err(denied) => return Ok(both(denied)),
        Ok(first) => first,
    };
    if let Some(user) = first {
        return user_rights(api, &user).await;
    }
    // Only people are listed, and to a user with no more than `query-users` nobody is.
    if api.is_user_of_realm() || api.user_count().await? > 0 {
        return Ok(both(Access::denied("the server hides all users from this user")));
    }
    let nobody = || {
        let reason = "the realm has neither users nor a service account that would tell, or the server \
                      hides them from this user";
        both(Access::unknown(reason))
    };
    let Ok(Some(client)) = allowed(api.some_service_account().await)? else { return Ok(nobody()) };
    match allowed(api.service_account_user(&client).await) {
        Ok(Ok(user)) => user_rights(api, &user).await,
        // Refused, or deleted or turned off meanwhile.
        Ok(Err(_)) | Err(Error::NotFound { .. } | Error::NotAServiceAccount { .. }) => Ok(nobody()),
        Err(error) => Err(error),
    }
}

async fn user_rights(api: &Api, user: &UserId) -> Result<[Access; 2], Error> {
    match allowed(api.user_access(user).await) {
        Ok(Ok(block)) => Ok([Access::of(&block, "view"), Access::of(&block, "mapRoles")]),
        Ok(Err(denied)) => Ok(both(denied)),
        Err(Error::NotFound { .. }) => {
            Ok(both(Access::unknown("the user who would have told it was deleted just now; ask again")))
        }
        Err(error) => Err(error),
    }
}

fn both(access: Access) -> [Access; 2] {
    [access.clone(), access]
}

/// Takes a refusal for what it tells; any other failure stays one.
fn allowed<T>(outcome: Result<T, Error>) -> Result<Result<T, Access>, Error> {
    match outcome {
        Ok(answer) => Ok(Ok(answer)),
        Err(Error::Forbidden { request, .. }) => {
            Ok(Err(Access::Denied { reason: format!("the server refuses {request} (403)") }))
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::RequestLine;

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
        let refused = Error::Forbidden { request: request(), needs: "a role".to_owned() };
        let denied = allowed::<()>(Err(refused)).unwrap().unwrap_err();
        assert_eq!(denied, Access::denied("the server refuses GET /admin/realms/insights/users (403)"));
        let gateway = Error::Rejected { request: request(), status: 403, message: "blocked".to_owned() };
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
