//! Finds composite roles that grant rights to administer the realm, which is worth a warning.

use std::collections::HashSet;
use std::sync::Arc;

use crate::admin::Api;
use crate::error::Error;
use crate::model::role::Role;
use crate::model::warning::Warning;
use crate::roles::composites::{Composites, Reads};

/// Reads the composite roles among these roles, and warns about what they grant. The realm's default role is skipped,
/// because every service account has it anyway. An ordinary registration needs no extra request: which role is the
/// default is read only if there is a composite role beside the one with the usual name. A role that cannot be read is
/// a warning too, because it must not make a finished registration fail.
pub(crate) async fn warnings_of(api: &Api, roles: &[Role], composites: &Composites) -> Vec<Warning> {
    // Whoever names a role of the realm's management knows what it is.
    let composite: Vec<&Role> = roles.iter().filter(|role| role.composite && !is_right(api, role)).collect();
    if composite.iter().all(|role| role.has_usual_default_name(api.realm())) {
        return Vec::new();
    }
    // If the default role is not known, it is looked into as any other.
    let default = api.default_role().await.ok();
    let is_default = |role: &Role| default.as_ref().is_some_and(|default| default.id == role.id);
    let composite = composite.into_iter().filter(|role| !is_default(role));
    let mut warnings = Vec::new();
    for (role, granted) in of(api, composites, composite).await {
        let role = role.shown();
        match granted {
            Ok(grants) if grants.is_empty() => {}
            Ok(grants) => warnings.push(Warning::GrantsRealmManagement { role, grants }),
            Err(error) => warnings.push(Warning::NotChecked { role, reason: error.to_string() }),
        }
    }
    warnings
}

/// Warns about groups whose members get rights to administer the realm, each with the roles that it grants.
pub(crate) async fn warnings_of_groups(
    api: &Api,
    groups: Vec<(String, Vec<Role>)>,
    composites: &Composites,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for (group, roles) in groups {
        let mut grants = Vec::new();
        for (_, granted) in of(api, composites, &roles).await {
            grants.extend(granted.unwrap_or_default());
        }
        grants.sort();
        grants.dedup();
        if !grants.is_empty() {
            warnings.push(Warning::GroupGrantsRealmManagement { group, grants });
        }
    }
    warnings
}

/// The composite roles among these, and those that are rights to administer the realm themselves, each with the rights to
/// administer the realm that it includes, itself among them.
pub(crate) async fn of<'r>(
    api: &Api,
    composites: &Composites,
    roles: impl IntoIterator<Item = &'r Role>,
) -> Vec<(&'r Role, Result<Vec<String>, Error>)> {
    let (rights, others): (Vec<&Role>, Vec<&Role>) = roles.into_iter().partition(|role| is_right(api, role));
    let composite: Vec<&Role> = others.into_iter().filter(|role| role.composite).collect();
    let parts = composites.all_parts(api, &composite).await;
    let clients = composites.owners(api, &parts).await;
    let rights = rights.into_iter().map(|role| (role, Ok(vec![role.name.clone()])));
    rights.chain(composite.into_iter().map(|role| (role, granted(api, role, &parts, &clients)))).collect()
}

/// Whether the roles of the client with this ID are rights to administer a realm.
fn administers(api: &Api, client_id: &str) -> bool {
    client_id == "realm-management" || (api.realm() == "master" && client_id.ends_with("-realm"))
}

/// Whether this is a right to administer a realm, of a role that was looked up or read with the ID of its client.
fn is_right(api: &Api, role: &Role) -> bool {
    role.client.as_ref().is_some_and(|client| administers(api, client))
}

/// The rights to administer the realm that a role includes, sorted. It fails if a role or a client that it depends on
/// could not be read.
fn granted(
    api: &Api,
    role: &Role,
    parts: &Reads<Arc<[Role]>>,
    clients: &Reads<Arc<str>>,
) -> Result<Vec<String>, Error> {
    let (mut seen, mut grants, mut open) = (HashSet::new(), Vec::new(), vec![role.id.as_str()]);
    while let Some(composite) = open.pop() {
        let Some(parts) = parts.get(composite) else { continue };
        for part in parts.as_ref().map_err(Error::clone)?.iter() {
            if !seen.insert(part.id.as_str()) {
                continue;
            }
            if part.composite {
                open.push(&part.id);
            }
            if let Some(client) = part.client_uuid.as_ref().and_then(|client| clients.get(client.as_str()))
                && administers(api, client.as_ref().map_err(Error::clone)?)
            {
                grants.push(part.name.clone());
            }
        }
    }
    grants.sort();
    Ok(grants)
}
