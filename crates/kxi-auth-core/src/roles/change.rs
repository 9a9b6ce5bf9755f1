//! Assigns and revokes roles: one request for the realm roles, and one for the roles of each client.

use std::collections::HashSet;

use crate::admin::Api;
use crate::admin::roles::Mapping;
use crate::admin::users::UserId;
use crate::error::{Error, Step};
use crate::model::client_uuid::ClientUuid;
use crate::model::role::Role;

/// How often roles are read again because one of them was deleted before it was assigned or revoked.
pub(super) const ROUNDS: usize = 3;

/// Why the roles are not all assigned, or others not all revoked.
pub(crate) struct Halted {
    /// The steps of the same operation that were carried out before, if there was something to do.
    pub(crate) done: Vec<Step>,
    /// The step that failed.
    pub(crate) failed: Step,
    /// Whether a part of this step was carried out: one of its requests.
    pub(crate) partly: bool,
    /// Whether the server may have carried out the request that failed.
    pub(crate) in_doubt: bool,
    pub(crate) cause: Error,
}

impl Halted {
    /// The error of an operation that has no other step.
    pub(crate) fn alone(self, client: &str) -> Error {
        let Self { failed, partly, in_doubt, cause, .. } = self;
        if in_doubt || partly { Error::half_done(client, failed, in_doubt, cause) } else { cause }
    }

    /// A failure before the first group is joined.
    pub(crate) fn groups(cause: Error) -> Self {
        Self::at(Step::JoinGroups, false, cause)
    }

    pub(super) fn at(failed: Step, in_doubt: bool, cause: Error) -> Self {
        Self { done: Vec::new(), failed, partly: false, in_doubt, cause }
    }
}

/// The failure of a request before the first role is assigned.
impl From<Error> for Halted {
    fn from(cause: Error) -> Self {
        Self::at(Step::AssignRoles, false, cause)
    }
}

/// The roles of one request: those of the realm, or those of one client.
struct Group {
    client: Option<ClientUuid>,
    roles: Vec<Role>,
}

/// The realm roles first, then those of each client. The order of the roles stays.
fn groups(roles: Vec<Role>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for role in roles {
        match groups.iter_mut().find(|group| group.client == role.client_uuid) {
            Some(group) => group.roles.push(role),
            None => groups.push(Group { client: role.client_uuid.clone(), roles: vec![role] }),
        }
    }
    groups.sort_by_key(|group| group.client.is_some());
    groups
}

/// Assigns these roles, and adds those that are assigned to `done`. False if one of them was deleted in the meantime: the
/// server assigns none of its group then.
pub(super) async fn assign(
    api: &Api,
    user: &UserId,
    roles: Vec<Role>,
    done: &mut Vec<Role>,
) -> Result<bool, Halted> {
    for Group { client, roles } in groups(roles) {
        match api.add_roles(user, client.as_ref(), &roles).await? {
            Mapping::Changed => done.extend(roles),
            Mapping::RoleGone => return Ok(false),
            Mapping::InDoubt(cause) => match assigned(api, user, client.is_some()).await {
                Ok(assigned) if roles.iter().all(|role| assigned.contains(&role.id)) => done.extend(roles),
                Ok(_) | Err(_) => return Err(Halted::at(Step::AssignRoles, true, cause)),
            },
        }
    }
    Ok(true)
}

/// Revokes these roles, and adds those that it revoked to `done`. If one of them was deleted in the meantime, the server
/// revokes none of its group; then the assigned roles are read again.
pub(super) async fn revoke(
    api: &Api,
    user: &UserId,
    roles: Vec<Role>,
    done: &mut Vec<Role>,
) -> Result<(), Halted> {
    for group in groups(roles) {
        done.extend(revoke_group(api, user, group).await?);
    }
    Ok(())
}

async fn revoke_group(api: &Api, user: &UserId, group: Group) -> Result<Vec<Role>, Halted> {
    let Group { client, mut roles } = group;
    let failed = |cause| Halted::at(Step::RevokeRoles, false, cause);
    let mut round = 1;
    // With no roles, nothing is sent: a request without a body would revoke everything.
    while !roles.is_empty() {
        let doubt = match api.remove_roles(user, client.as_ref(), &roles).await.map_err(failed)? {
            Mapping::Changed => break,
            Mapping::RoleGone => None,
            Mapping::InDoubt(cause) => Some(cause),
        };
        let still = match (assigned(api, user, client.is_some()).await, doubt) {
            (Ok(assigned), None) => assigned,
            (Ok(assigned), Some(_)) if roles.iter().all(|role| !assigned.contains(&role.id)) => break,
            (_, Some(cause)) => return Err(Halted::at(Step::RevokeRoles, true, cause)),
            (Err(cause), None) => return Err(failed(cause)),
        };
        if round == ROUNDS {
            let name = roles.swap_remove(0).name;
            let reason = format!("a requested role was deleted {ROUNDS} times before it could be revoked");
            return Err(failed(Error::Conflict { what: "role", name, reason, hint: None, request: None }));
        }
        round += 1;
        roles.retain(|role| still.contains(&role.id));
    }
    Ok(roles)
}

/// The IDs of the roles that are assigned directly: those of the realm, or all.
async fn assigned(api: &Api, user: &UserId, all: bool) -> Result<HashSet<String>, Error> {
    Ok(mapped(api, user, all).await?.into_iter().map(|role| role.id).collect())
}

/// The roles that are assigned directly: those of the realm, or all.
pub(super) async fn mapped(api: &Api, user: &UserId, all: bool) -> Result<Vec<Role>, Error> {
    if all { api.assigned_roles(user).await } else { api.assigned_realm_roles(user).await }
}
