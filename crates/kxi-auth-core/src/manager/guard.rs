//! Guards against changes that the caller has to allow explicitly.

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

/// Rejects changing or deleting a built-in client.
pub(crate) fn builtin(manager: &ClientManager, id: &str, allow: bool) -> Result<(), Error> {
    if !allow && is_builtin(manager, id) { Err(Error::Builtin { client_id: id.to_owned() }) } else { Ok(()) }
}

/// Whether this is a built-in client, or one that the caller guards.
pub(crate) fn is_builtin(manager: &ClientManager, id: &str) -> bool {
    // The realm `master` has a client `<realm>-realm` for the administration of each realm.
    let administers = manager.realm() == "master" && id.ends_with("-realm");
    administers || BUILTIN.contains(&id) || manager.connection().builtin.iter().any(|builtin| builtin == id)
}

/// Rejects all roles of the realm `master`, because they include `admin`.
pub(crate) fn master_roles(manager: &ClientManager, roles: &Roles, allow: bool) -> Result<(), Error> {
    let realm = manager.realm();
    if !allow && *roles == Roles::All && realm == "master" {
        return Err(Error::MasterRoles { realm: realm.to_owned() });
    }
    Ok(())
}
