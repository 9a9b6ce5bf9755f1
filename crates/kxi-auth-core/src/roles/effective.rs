//! Every role that a service account has.

use std::collections::HashSet;

use crate::admin::Api;
use crate::error::Error;
use crate::model::client_uuid::ClientUuid;
use crate::model::role::Role;
use crate::roles::account;
use crate::roles::composites::Composites;
use crate::roles::groups;

/// The roles that are assigned directly, those of the account's groups, and those that composite roles among them include.
pub(super) async fn roles(api: &Api, client: (&str, &ClientUuid)) -> Result<Vec<Role>, Error> {
    let Some(user) = account::of_client(api, client).await? else { return Ok(Vec::new()) };
    let mut roles = api.assigned_roles(&user).await?;
    for group in groups::with_parents(api, api.groups_of(&user).await?).await? {
        roles.extend(api.roles_of_group(&group).await?);
    }
    let mut roles = with_parts(api, roles).await?;
    roles.sort_by(|one, other| (&one.client, &one.name).cmp(&(&other.client, &other.name)));
    Ok(roles)
}

/// These roles and all that they include, each once, with the ID of its client.
async fn with_parts(api: &Api, roles: Vec<Role>) -> Result<Vec<Role>, Error> {
    let composites = Composites::default();
    let composite: Vec<&Role> = roles.iter().filter(|role| role.composite).collect();
    let parts = composites.all_parts(api, &composite).await;
    let owners = composites.owners(api, &parts).await;
    let mut all = roles;
    for parts in parts.into_values() {
        for part in parts?.iter() {
            let owner = part.client_uuid.as_ref().and_then(|client| owners.get(client.as_str()));
            let client = owner.cloned().transpose()?.map(|id| id.to_string());
            all.push(Role { client, ..part.clone() });
        }
    }
    let mut seen = HashSet::new();
    all.retain(|role| seen.insert(role.id.clone()));
    Ok(all)
}
