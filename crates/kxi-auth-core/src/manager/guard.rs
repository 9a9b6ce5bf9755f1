//! What is refused unless the caller says that it is meant.

use crate::error::Error;
use crate::manager::ClientManager;
use crate::model::role::Roles;

/// Clients that kdb Insights Enterprise or Keycloak itself needs.
const BUILTIN: [&str; 7] = [
    "account",
    "account-console",
    "admin-cli",
    "broker",
    "insights-app",
    "realm-management",
    "security-admin-console",
];

/// Refuses to change or delete a client that the platform needs.
pub(crate) fn builtin(manager: &ClientManager, id: &str, allow: bool) -> Result<(), Error> {
    if !allow && is_builtin(manager, id) { Err(Error::Builtin { client_id: id.to_owned() }) } else { Ok(()) }
}

/// Whether the platform needs the client.
pub(crate) fn is_builtin(manager: &ClientManager, id: &str) -> bool {
    // The realm `master` has a client for the administration of each realm.
    let administers = manager.realm() == "master" && id.ends_with("-realm");
    administers || BUILTIN.contains(&id) || manager.connection().builtin.iter().any(|builtin| builtin == id)
}

/// Refuses all roles of the realm `master`: they include `admin`.
pub(crate) fn master_roles(manager: &ClientManager, roles: &Roles, allow: bool) -> Result<(), Error> {
    let realm = manager.realm();
    if !allow && *roles == Roles::All && realm == "master" {
        return Err(Error::MasterRoles { realm: realm.to_owned() });
    }
    Ok(())
}
