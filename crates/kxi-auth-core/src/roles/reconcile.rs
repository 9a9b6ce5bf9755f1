//! Realm roles of a service account: choosing, adding, revoking, reading.

use std::collections::HashSet;

use tracing::Instrument as _;

use crate::admin::Api;
use crate::admin::roles::UserId;
use crate::error::{Error, UnknownRole};
use crate::model::auth_client::AuthClient;
use crate::model::client_uuid::ClientUuid;
use crate::model::names::nearest_name;
use crate::model::role::{Role, Roles};

/// How often roles are read again because one that was to be mapped is gone.
const ROUNDS: usize = 3;

/// All roles of the realm.
pub(crate) async fn all_roles(api: &Api) -> Result<Vec<Role>, Error> {
    api.realm_roles().instrument(tracing::info_span!("all_roles")).await
}

/// The roles that are meant, read from the server.
pub(crate) async fn wanted(api: &Api, roles: &Roles) -> Result<Vec<Role>, Error> {
    match roles {
        Roles::None => Ok(Vec::new()),
        Roles::Named(names) if names.is_empty() => Ok(Vec::new()),
        roles => choose(&all_roles(api).await?, roles, api.realm()),
    }
}

/// The roles that are meant among those that exist.
pub(crate) fn choose(existing: &[Role], roles: &Roles, realm: &str) -> Result<Vec<Role>, Error> {
    match roles {
        Roles::All => Ok(existing.to_vec()),
        Roles::Named(names) => pick(existing, names, realm),
        Roles::None => Ok(Vec::new()),
    }
}

/// The service account whose roles are to be as they are meant.
pub(crate) struct Target<'a> {
    pub(crate) api: &'a Api,
    pub(crate) uuid: &'a ClientUuid,
    /// Of a new one nothing needs to be read: it has the default role and no other.
    pub(crate) new: bool,
    /// Whether roles that are not meant are revoked.
    pub(crate) exact: bool,
}

/// What was, or would be, changed.
#[derive(Default)]
pub(crate) struct Difference {
    pub(crate) added: Vec<Role>,
    pub(crate) revoked: Vec<Role>,
}

impl Target<'_> {
    /// Maps those of the roles that are not mapped yet, in one request, and revokes the others if that is
    /// meant.
    pub(crate) async fn assign(&self, mut wanted: Vec<Role>, meant: &Roles) -> Result<Difference, Error> {
        let exact = self.exact && !self.new;
        if wanted.is_empty() && !exact {
            return Ok(Difference::default());
        }
        let user = self.api.service_account_user(self.uuid).await?;
        let mut round = 0;
        loop {
            let mapped =
                if self.new && round == 0 { Vec::new() } else { self.api.assigned_roles(&user).await? };
            let Difference { added, revoked } = self.difference(&wanted, mapped);
            if added.is_empty() || self.api.add_roles(&user, &added).await? {
                let revoked = remove(self.api, &user, revoked).await?;
                return Ok(Difference { added, revoked });
            }
            // One of them was deleted since they were read; nothing was mapped.
            round += 1;
            let now = self::wanted(self.api, meant).await?;
            if round == ROUNDS {
                return Err(vanishing(&added, &now));
            }
            wanted = now;
        }
    }

    /// What [`assign`](Self::assign) would change. An account that is still to be turned on has nothing
    /// but the default role then.
    pub(crate) async fn plan(&self, wanted: Vec<Role>) -> Result<Difference, Error> {
        if self.new || (wanted.is_empty() && !self.exact) {
            return Ok(Difference { added: wanted, revoked: Vec::new() });
        }
        let user = self.api.service_account_user(self.uuid).await?;
        let mapped = self.api.assigned_roles(&user).await?;
        Ok(self.difference(&wanted, mapped))
    }

    fn difference(&self, wanted: &[Role], mapped: Vec<Role>) -> Difference {
        let has = |roles: &[Role]| roles.iter().map(|role| role.id.clone()).collect::<HashSet<String>>();
        let (has_mapped, has_wanted) = (has(&mapped), has(wanted));
        let added = wanted.iter().filter(|role| !has_mapped.contains(&role.id)).cloned().collect();
        // Without the default role the account would lose what the realm gives to each user.
        let realm = self.api.realm();
        let left_over = |role: &Role| !has_wanted.contains(&role.id) && !role.is_default_of(realm);
        let revoked = mapped.into_iter().filter(|role| self.exact && left_over(role)).collect();
        Difference { added, revoked }
    }
}

/// A role is deleted, and made again, each time that it is to be mapped.
fn vanishing(sent: &[Role], now: &[Role]) -> Error {
    let gone = |role: &&Role| now.iter().all(|other| other.id != role.id);
    // What was read just now may have it again: the server does not say which one it was.
    let name = sent.iter().find(gone).or(sent.first()).map(|role| role.name.clone()).unwrap_or_default();
    let reason = format!(
        "it, or another of the roles, was deleted {ROUNDS} times while they were assigned; nothing was assigned, \
         try again when nobody changes the realm's roles"
    );
    Error::Conflict { what: "role", name, reason, hint: None, request: None }
}

/// Revokes those of the roles that are mapped, and returns their names.
pub(crate) async fn revoke(api: &Api, client: &AuthClient, roles: &Roles) -> Result<Vec<String>, Error> {
    // Also refuses unknown names: a misspelt one must not pass for revoked.
    let meant: HashSet<String> = wanted(api, roles).await?.into_iter().map(|role| role.id).collect();
    if meant.is_empty() {
        return Ok(Vec::new());
    }
    let user = api.service_account_user(&client.uuid).await?;
    let mut mapped = api.assigned_roles(&user).await?;
    mapped.retain(|role| meant.contains(&role.id));
    let revoked = remove(api, &user, mapped).await?;
    Ok(revoked.into_iter().map(|role| role.name).collect())
}

/// Revokes these mapped roles, and returns those that it did revoke. If one of them was deleted meanwhile,
/// the server revokes none: then what is still mapped is read again.
async fn remove(api: &Api, user: &UserId, mut roles: Vec<Role>) -> Result<Vec<Role>, Error> {
    let mut round = 1;
    // An empty body would be no harm, but none at all revokes everything: nothing is sent.
    while !roles.is_empty() && !api.remove_roles(user, &roles).await? {
        if round == ROUNDS {
            let name = roles.swap_remove(0).name;
            let reason =
                format!("it, or another of the roles, was deleted {ROUNDS} times while they were revoked");
            return Err(Error::Conflict { what: "role", name, reason, hint: None, request: None });
        }
        round += 1;
        let mapped: HashSet<String> =
            api.assigned_roles(user).await?.into_iter().map(|role| role.id).collect();
        roles.retain(|role| mapped.contains(&role.id));
    }
    Ok(roles)
}

/// The roles that are mapped directly.
pub(crate) async fn mapped(api: &Api, client: &AuthClient) -> Result<Vec<Role>, Error> {
    let user = api.service_account_user(&client.uuid).await?;
    api.assigned_roles(&user).await
}

/// The names of these roles, in their order.
pub(crate) fn names(roles: Vec<Role>) -> Vec<String> {
    roles.into_iter().map(|role| role.name).collect()
}

/// Picks the named ones of `existing`, each once, in the order given.
///
/// # Errors
///
/// [`Error::UnknownRoles`] with all the names that do not exist.
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

/// The unknown name and the nearest existing one, if any is near.
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
        let told: Vec<_> = unknown.iter().map(|role| (role.name.as_str(), role.nearest.as_deref())).collect();
        assert_eq!(told, [("insights.query.dat", Some("insights.query.data")), ("zz", None)]);
        assert_eq!(
            error.to_string(),
            "unknown roles in the realm `insights`: `insights.query.dat` (did you mean `insights.query.data`?), `zz`"
        );
    }
}
