//! Chooses, assigns, revokes and reads the realm roles of a service account.

use std::collections::HashSet;

use tracing::Instrument as _;

use crate::admin::Api;
use crate::admin::roles::{Mapping, UserId};
use crate::error::{Error, Step, UnknownRole};
use crate::manager::guard;
use crate::model::auth_client::AuthClient;
use crate::model::client_uuid::ClientUuid;
use crate::model::names::nearest_name;
use crate::model::role::{Role, Roles};
use crate::roles::grants::Grants;

/// How often roles are read again because one of them was deleted before it was assigned.
const ROUNDS: usize = 3;

/// All roles of the realm.
pub(crate) async fn all_roles(api: &Api) -> Result<Vec<Role>, Error> {
    api.realm_roles().instrument(tracing::info_span!("all_roles")).await
}

/// The wanted roles, read from the server.
pub(crate) async fn wanted(api: &Api, roles: &Roles) -> Result<Vec<Role>, Error> {
    match roles {
        Roles::None => Ok(Vec::new()),
        Roles::Named(names) if names.is_empty() => Ok(Vec::new()),
        roles => choose(&all_roles(api).await?, roles, api.realm()),
    }
}

/// The wanted roles among the existing ones.
pub(crate) fn choose(existing: &[Role], roles: &Roles, realm: &str) -> Result<Vec<Role>, Error> {
    match roles {
        Roles::All => Ok(existing.to_vec()),
        Roles::Named(names) => pick(existing, names, realm),
        Roles::None => Ok(Vec::new()),
    }
}

/// A service account, and how its roles are reconciled.
pub(crate) struct Target<'a> {
    pub(crate) api: &'a Api,
    pub(crate) uuid: &'a ClientUuid,
    /// Whether the account is new. Then nothing has to be read: it has only the default role.
    pub(crate) new: bool,
    /// Whether other roles are revoked.
    pub(crate) exact: bool,
    /// Set if the account must keep its permissions.
    pub(crate) keep: Option<Keep<'a>>,
}

/// A service account that must not lose permissions to administer the realm: the admin's own.
#[derive(Clone, Copy)]
pub(crate) struct Keep<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) grants: &'a Grants,
}

impl Keep<'_> {
    /// Rejects the revocation of a role that includes such permissions, also if another role includes them too. A role
    /// that cannot be read is rejected as well.
    async fn reject_loss(self, api: &Api, revoked: &[Role]) -> Result<(), Error> {
        for (role, granted) in self.grants.of(api, revoked).await {
            let granted = granted?;
            if !granted.is_empty() {
                let change = format!(
                    "it would lose the role `{role}`, which includes permissions to administer the realm: {}",
                    granted.join(", ")
                );
                return Err(guard::own_client(self.client_id, change));
            }
        }
        Ok(())
    }
}

/// The roles that were, or would be, added and revoked.
#[derive(Default)]
pub(crate) struct Difference {
    pub(crate) added: Vec<Role>,
    pub(crate) revoked: Vec<Role>,
}

/// Why the roles are not all assigned, or others not all revoked.
pub(crate) struct Halted {
    /// Whether roles were assigned before.
    pub(crate) assigned: bool,
    /// The step that failed.
    pub(crate) failed: Step,
    /// Whether the server may have carried it out nevertheless.
    pub(crate) in_doubt: bool,
    pub(crate) cause: Error,
}

impl Halted {
    /// The error of an operation that has no other step.
    pub(crate) fn alone(self, client: &str) -> Error {
        if self.in_doubt { Error::in_doubt(client, self.failed, self.cause) } else { self.cause }
    }

    fn in_doubt(failed: Step, cause: Error) -> Self {
        Self { assigned: false, failed, in_doubt: true, cause }
    }

    fn at(failed: Step) -> impl Fn(Error) -> Self {
        move |cause| Self { assigned: false, failed, in_doubt: false, cause }
    }
}

impl From<Error> for Halted {
    fn from(cause: Error) -> Self {
        Self::at(Step::AssignRoles)(cause)
    }
}

impl Target<'_> {
    /// Assigns the wanted roles that are missing, in one request, and in exact mode revokes the others.
    pub(crate) async fn assign(&self, mut wanted: Vec<Role>, meant: &Roles) -> Result<Difference, Halted> {
        let exact = self.exact && !self.new;
        if wanted.is_empty() && !exact {
            return Ok(Difference::default());
        }
        let user = self.api.service_account_user(self.uuid).await?;
        let mut round = 0;
        loop {
            let mapped =
                if self.new && round == 0 { Vec::new() } else { self.api.assigned_roles(&user).await? };
            let Difference { added, revoked } = self.difference(&wanted, mapped).await?;
            if added.is_empty() || add(self.api, &user, &added).await? {
                let halted = |halt| Halted { assigned: !added.is_empty(), ..halt };
                let revoked = remove(self.api, &user, revoked).await.map_err(halted)?;
                return Ok(Difference { added, revoked });
            }
            // One of the roles was deleted after it was read, so the server assigned none.
            round += 1;
            let now = self::wanted(self.api, meant).await?;
            if round == ROUNDS {
                return Err(vanishing(&added, &now).into());
            }
            wanted = now;
        }
    }

    /// The changes that [`assign`](Self::assign) would make. An account that is not turned on yet will have only the
    /// default role.
    pub(crate) async fn plan(&self, wanted: Vec<Role>) -> Result<Difference, Error> {
        if self.new || (wanted.is_empty() && !self.exact) {
            return Ok(Difference { added: wanted, revoked: Vec::new() });
        }
        let user = self.api.service_account_user(self.uuid).await?;
        let mapped = self.api.assigned_roles(&user).await?;
        self.difference(&wanted, mapped).await
    }

    async fn difference(&self, wanted: &[Role], mapped: Vec<Role>) -> Result<Difference, Error> {
        let has = |roles: &[Role]| roles.iter().map(|role| role.id.clone()).collect::<HashSet<String>>();
        let (has_mapped, has_wanted) = (has(&mapped), has(wanted));
        let added = wanted.iter().filter(|role| !has_mapped.contains(&role.id)).cloned().collect();
        let mut revoked = mapped;
        revoked.retain(|role| self.exact && !has_wanted.contains(&role.id));
        // It has the memory of all assigned roles.
        revoked.shrink_to_fit();
        if !revoked.is_empty() {
            // Without the default role the account would lose the roles that the realm assigns to every user.
            let default = self.api.default_role().await?;
            revoked.retain(|role| role.id != default.id);
        }
        if let Some(keep) = self.keep {
            keep.reject_loss(self.api, &revoked).await?;
        }
        Ok(Difference { added, revoked })
    }
}

/// The error if a role is deleted again and again before it can be assigned.
fn vanishing(sent: &[Role], now: &[Role]) -> Error {
    let gone = |role: &&Role| now.iter().all(|other| other.id != role.id);
    // The role may exist again by now: the server does not say which role was missing.
    let name = sent.iter().find(gone).or(sent.first()).map(|role| role.name.clone()).unwrap_or_default();
    let reason = format!(
        "a requested role was deleted {ROUNDS} times before it could be assigned, so no role was assigned; try again \
         when no roles of the realm are being deleted"
    );
    Error::Conflict { what: "role", name, reason, hint: None, request: None }
}

/// Revokes the roles that are assigned, and returns their names.
pub(crate) async fn revoke(
    api: &Api,
    client: (&str, &ClientUuid),
    roles: &Roles,
    keep: Option<Keep<'_>>,
) -> Result<Vec<String>, Error> {
    let (id, uuid) = client;
    uuid.addressable(id)?;
    // This also rejects unknown names, so that a misspelt role does not pass as revoked.
    let meant: HashSet<String> = wanted(api, roles).await?.into_iter().map(|role| role.id).collect();
    if meant.is_empty() {
        return Ok(Vec::new());
    }
    let user = api.service_account_user(uuid).await?;
    let mut mapped = api.assigned_roles(&user).await?;
    mapped.retain(|role| meant.contains(&role.id));
    if let Some(keep) = keep {
        keep.reject_loss(api, &mapped).await?;
    }
    let revoked = remove(api, &user, mapped).await.map_err(|halt| halt.alone(id))?;
    Ok(names(revoked))
}

/// Assigns these roles. False if one of them was deleted in the meantime: the server assigns none then.
async fn add(api: &Api, user: &UserId, roles: &[Role]) -> Result<bool, Halted> {
    match api.add_roles(user, roles).await? {
        Mapping::Changed => Ok(true),
        Mapping::RoleGone => Ok(false),
        Mapping::InDoubt(cause) => match assigned(api, user).await {
            Ok(assigned) if roles.iter().all(|role| assigned.contains(&role.id)) => Ok(true),
            Ok(_) | Err(_) => Err(Halted::in_doubt(Step::AssignRoles, cause)),
        },
    }
}

/// Revokes these roles, and returns the roles that it revoked. If one of them was deleted in the meantime, the server
/// revokes none; then the assigned roles are read again.
async fn remove(api: &Api, user: &UserId, mut roles: Vec<Role>) -> Result<Vec<Role>, Halted> {
    let failed = Halted::at(Step::RevokeRoles);
    let mut round = 1;
    // With no roles, nothing is sent: a request without a body would revoke everything.
    while !roles.is_empty() {
        let doubt = match api.remove_roles(user, &roles).await.map_err(&failed)? {
            Mapping::Changed => break,
            Mapping::RoleGone => None,
            Mapping::InDoubt(cause) => Some(cause),
        };
        let still = match (assigned(api, user).await, doubt) {
            (Ok(assigned), None) => assigned,
            (Ok(assigned), Some(_)) if roles.iter().all(|role| !assigned.contains(&role.id)) => break,
            (_, Some(cause)) => return Err(Halted::in_doubt(Step::RevokeRoles, cause)),
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

/// The IDs of the roles that are assigned directly.
async fn assigned(api: &Api, user: &UserId) -> Result<HashSet<String>, Error> {
    Ok(api.assigned_roles(user).await?.into_iter().map(|role| role.id).collect())
}

/// The roles that are assigned directly.
pub(crate) async fn mapped(api: &Api, client: &AuthClient) -> Result<Vec<Role>, Error> {
    client.uuid.addressable(&client.id)?;
    let user = api.service_account_user(&client.uuid).await?;
    api.assigned_roles(&user).await
}

/// The names of these roles, in their order.
pub(crate) fn names(roles: Vec<Role>) -> Vec<String> {
    let mut names: Vec<String> = roles.into_iter().map(|role| role.name).collect();
    // They are in the memory of the roles, and results keep them.
    names.shrink_to_fit();
    names
}

/// The roles with these names among `existing`, each once, in the order of the names.
///
/// # Errors
///
/// [`Error::UnknownRoles`] with every name that does not exist.
fn pick(existing: &[Role], names: &[String], realm: &str) -> Result<Vec<Role>, Error> {
    let mut seen = HashSet::new();
    let (mut picked, mut unknown) = (Vec::new(), Vec::new());
    for name in names.iter().filter(|name| seen.insert(name.as_str())) {
        match existing.iter().find(|role| role.name == *name) {
            Some(role) => picked.push(role.clone()),
            None => unknown.push(unknown_role(name, existing)),
        }
    }
    if unknown.is_empty() {
        Ok(picked)
    } else {
        Err(Error::UnknownRoles { realm: realm.to_owned(), unknown })
    }
}

/// The unknown name, with the nearest existing one if there is one.
fn unknown_role(name: &str, existing: &[Role]) -> UnknownRole {
    let nearest = nearest_name(name, existing.iter().map(|role| role.name.as_str()));
    UnknownRole { name: name.to_owned(), nearest: nearest.map(ToOwned::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: &str) -> Role {
        Role {
            name: name.to_owned(),
            description: None,
            composite: false,
            id: format!("id of {name}"),
            client: None,
        }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn picks_each_once_in_the_order_given() {
        let existing = [role("a"), role("b"), role("all")];
        let picked = pick(&existing, &names(&["all", "a", "all"]), "r").unwrap();
        assert_eq!(picked.iter().map(|role| role.name.as_str()).collect::<Vec<_>>(), ["all", "a"]);
    }

    #[test]
    fn names_every_unknown_role_and_the_nearest() {
        let existing = [role("insights.query.data"), role("insights.role.viewer")];
        let error =
            pick(&existing, &names(&["insights.query.dat", "insights.role.viewer", "zz"]), "insights");
        let error = error.unwrap_err();
        let Error::UnknownRoles { unknown, .. } = &error else { panic!("{error:?}") };
        let named: Vec<_> =
            unknown.iter().map(|role| (role.name.as_str(), role.nearest.as_deref())).collect();
        assert_eq!(named, [("insights.query.dat", Some("insights.query.data")), ("zz", None)]);
        assert_eq!(
            error.to_string(),
            "unknown roles in the realm `insights`: `insights.query.dat` (did you mean `insights.query.data`?), `zz`"
        );
    }
}
