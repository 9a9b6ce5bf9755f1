//! What was done as asked, but may not be what was meant.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::OnceCell;

use crate::desired::config::ClientConfig;
use crate::error::Error;
use crate::manager::ClientManager;
use crate::model::auth_client::ClientUuid;
use crate::model::role::Role;
use crate::model::stored_client::FoundClient;

/// Something that was done as asked, but may not be what was meant. `Display` says it in a sentence.
///
/// Told by [`Registration::warnings`](crate::Registration::warnings).
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// for warning in &manager.register_client("my-service").await?.warnings {
///     eprintln!("warning: {warning}");
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The client's `fullScopeAllowed` is false: its tokens carry no roles (seen on Keycloak 26.7.3).
    #[non_exhaustive]
    NoFullScope {
        /// The client id.
        client_id: String,
    },
    /// Fields of the config that the server takes only when it creates a client; this one existed (seen
    /// on Keycloak 26.7.3).
    #[non_exhaustive]
    NotUpdatable {
        /// The client id.
        client_id: String,
        /// The fields, by their names in JSON.
        fields: Vec<String>,
    },
    /// A composite role that was asked for grants rights to administer the realm.
    #[non_exhaustive]
    GrantsRealmManagement {
        /// The realm role.
        role: String,
        /// The roles of the client `realm-management` (in `master`: `<realm>-realm`) in it.
        grants: Vec<String>,
    },
    /// What a composite role grants could not be read; the registration itself is complete.
    #[non_exhaustive]
    NotChecked {
        /// The realm role.
        role: String,
        /// Why not.
        reason: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFullScope { client_id } => {
                write!(
                    f,
                    "the tokens of `{client_id}` carry no roles, because its `fullScopeAllowed` is false"
                )
            }
            Self::NotUpdatable { client_id, fields } => {
                write!(f, "`{client_id}` exists, and the server sets {} only on create", fields.join(", "))
            }
            Self::GrantsRealmManagement { role, grants } => {
                write!(f, "the role `{role}` grants rights to administer the realm: {}", grants.join(", "))
            }
            Self::NotChecked { role, reason } => {
                write!(f, "what the role `{role}` grants could not be read: {reason}")
            }
        }
    }
}

/// What is odd about a client that was registered with this config.
pub(crate) fn of_client(client: &FoundClient, created: bool, config: &ClientConfig) -> Vec<Warning> {
    let client_id = || client.id.clone();
    let mut warnings = Vec::new();
    if !client.full_scope() {
        warnings.push(Warning::NoFullScope { client_id: client_id() });
    }
    let ignored = config.ignored_by_update(&Value::Object(client.fields.clone()));
    if !created && !ignored.is_empty() {
        warnings.push(Warning::NotUpdatable { client_id: client_id(), fields: ignored });
    }
    warnings
}

/// What composite roles grant, read once for all registrations that share it.
#[derive(Default)]
pub(crate) struct Grants {
    /// By the role's id: the rights to administer the realm in it.
    roles: Cells<Vec<String>>,
    /// By the client's uuid: whether its roles are such rights.
    clients: Cells<bool>,
}

/// Values that are asked for at most once each; different ones side by side.
type Cells<T> = Mutex<HashMap<String, Arc<OnceCell<T>>>>;

/// The cell of this key. Who finds it empty fills it, and who comes meanwhile waits instead of asking
/// the same.
fn cell<T>(cells: &Cells<T>, key: &str) -> Arc<OnceCell<T>> {
    let mut cells = cells.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(cells.entry(key.to_owned()).or_default())
}

/// Looks into the composites among the roles that were asked for. `default-roles-<realm>`, which every
/// service account has anyway, is passed over, so that an ordinary registration costs no request. What
/// cannot be read is a warning too: it must not make a finished registration fail.
pub(crate) async fn of_roles(manager: &ClientManager, roles: &[Role], grants: &Grants) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for role in roles.iter().filter(|role| role.composite && !role.is_default_of(manager.realm())) {
        let name = role.name.clone();
        match grants.of(manager, role).await {
            Ok(grants) if grants.is_empty() => {}
            Ok(grants) => warnings.push(Warning::GrantsRealmManagement { role: name, grants }),
            Err(error) => warnings.push(Warning::NotChecked { role: name, reason: error.to_string() }),
        }
    }
    warnings
}

impl Grants {
    /// The rights to administer the realm in a role, sorted.
    async fn of(&self, manager: &ClientManager, role: &Role) -> Result<Vec<String>, Error> {
        let known = cell(&self.roles, &role.id);
        known.get_or_try_init(|| self.read(manager, role)).await.cloned()
    }

    async fn read(&self, manager: &ClientManager, role: &Role) -> Result<Vec<String>, Error> {
        let mut grants = Vec::new();
        for part in all_parts(manager, role).await? {
            let Some(client) = part.client else { continue };
            let known = cell(&self.clients, &client);
            if *known.get_or_try_init(|| administers(manager, client)).await? {
                grants.push(part.name);
            }
        }
        grants.sort();
        Ok(grants)
    }
}

/// Everything that a composite role includes, at any depth.
async fn all_parts(manager: &ClientManager, role: &Role) -> Result<Vec<Role>, Error> {
    let (mut seen, mut parts, mut open) = (HashSet::new(), Vec::new(), vec![role.clone()]);
    while let Some(composite) = open.pop() {
        for part in manager.api().composites(&composite).await? {
            if !seen.insert(part.id.clone()) {
                continue;
            }
            if part.composite {
                open.push(part.clone());
            }
            parts.push(part);
        }
    }
    Ok(parts)
}

/// Whether the roles of the client with this uuid are rights to administer a realm.
async fn administers(manager: &ClientManager, uuid: String) -> Result<bool, Error> {
    let id = manager.api().client(&ClientUuid::from_server(uuid)).await?.id;
    Ok(id == "realm-management" || (manager.realm() == "master" && id.ends_with("-realm")))
}
