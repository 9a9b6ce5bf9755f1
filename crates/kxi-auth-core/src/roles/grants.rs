//! Finds composite roles that grant rights to administer the realm, which is worth a warning.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::admin::Api;
use crate::error::Error;
use crate::model::client_uuid::ClientUuid;
use crate::model::role::Role;
use crate::model::warning::Warning;

/// The rights in composite roles, read once for all registrations that share it.
#[derive(Default)]
pub(crate) struct Grants {
    /// The rights to administer the realm, by the ID of the role.
    roles: Cells<Vec<String>>,
    /// Whether the roles of a client are such rights, by the UUID of the client.
    clients: Cells<bool>,
}

/// Values that are read at most once each, different ones at the same time.
type Cells<T> = Mutex<HashMap<String, Arc<OnceCell<T>>>>;

/// The cell of this key. The first caller fills it; callers that come in the meantime wait for the value.
fn cell<T>(cells: &Cells<T>, key: &str) -> Arc<OnceCell<T>> {
    let mut cells = cells.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(cells.entry(key.to_owned()).or_default())
}

/// Reads the composite roles among these roles, and warns about what they grant. The realm's default role is skipped,
/// because every service account has it anyway. An ordinary registration needs no extra request: which role is the
/// default is read only if there is a composite role beside the one with the usual name. A role that cannot be read is
/// a warning too, because it must not make a finished registration fail.
pub(crate) async fn warnings_of(api: &Api, roles: &[Role], grants: &Grants) -> Vec<Warning> {
    let composite: Vec<&Role> = roles.iter().filter(|role| role.composite).collect();
    if composite.iter().all(|role| role.has_usual_default_name(api.realm())) {
        return Vec::new();
    }
    // If the default role is not known, it is looked into as any other.
    let default = api.default_role().await.ok();
    let is_default = |role: &Role| default.as_ref().is_some_and(|default| default.id == role.id);
    let mut warnings = Vec::new();
    for role in composite.into_iter().filter(|role| !is_default(role)) {
        let name = role.name.clone();
        match grants.of(api, role).await {
            Ok(grants) if grants.is_empty() => {}
            Ok(grants) => warnings.push(Warning::GrantsRealmManagement { role: name, grants }),
            Err(error) => warnings.push(Warning::NotChecked { role: name, reason: error.to_string() }),
        }
    }
    warnings
}

impl Grants {
    /// The rights to administer the realm that a role includes, sorted.
    async fn of(&self, api: &Api, role: &Role) -> Result<Vec<String>, Error> {
        let known = cell(&self.roles, &role.id);
        known.get_or_try_init(|| self.read(api, role)).await.cloned()
    }

    async fn read(&self, api: &Api, role: &Role) -> Result<Vec<String>, Error> {
        let mut grants = Vec::new();
        for part in all_parts(api, role).await? {
            let Some(client) = part.client else { continue };
            let known = cell(&self.clients, &client);
            if *known.get_or_try_init(|| administers(api, client)).await? {
                grants.push(part.name);
            }
        }
        grants.sort();
        Ok(grants)
    }
}

/// Every role that a composite role includes, at any depth.
async fn all_parts(api: &Api, role: &Role) -> Result<Vec<Role>, Error> {
    let (mut seen, mut parts, mut open) = (HashSet::new(), Vec::new(), vec![role.clone()]);
    while let Some(composite) = open.pop() {
        for part in api.composites(&composite).await? {
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

/// Whether the roles of the client with this UUID are rights to administer a realm.
async fn administers(api: &Api, uuid: String) -> Result<bool, Error> {
    let id = api.client(&ClientUuid::from_server(uuid)).await?.id;
    Ok(id == "realm-management" || (api.realm() == "master" && id.ends_with("-realm")))
}
