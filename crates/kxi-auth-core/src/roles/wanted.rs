//! Looks the wanted roles up among those that exist.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::OnceCell;
use tracing::Instrument as _;

use crate::admin::Api;
use crate::desired::validate;
use crate::error::{Error, UnknownClient, UnknownRole};
use crate::model::group::Group;
use crate::model::names::nearest_name;
use crate::model::role::{Role, Roles};
use crate::model::role_set::RoleSet;
use crate::roles::cells::Cells;

/// All roles of the realm.
pub(crate) async fn all_roles(api: &Api) -> Result<Vec<Role>, Error> {
    api.realm_roles().instrument(tracing::info_span!("all_roles")).await
}

/// All roles of the client with this ID.
pub(crate) async fn of_client(api: &Api, client_id: &str) -> Result<Vec<Role>, Error> {
    let uuid = api.existing_client(client_id).await?.uuid;
    api.roles_of_client(client_id, &uuid).await
}

/// The roles of the realm and of its clients. Each list is read at most once for all operations that share this.
#[derive(Default)]
pub(crate) struct Existing {
    realm: OnceCell<Arc<[Role]>>,
    /// By client ID: the roles of the client, or a similar client ID if there is no such client.
    clients: Cells<Result<Arc<[Role]>, UnknownClient>>,
    /// A group, by its path. `None` if there is none.
    groups: Cells<Option<Arc<Group>>>,
}

impl Existing {
    /// All roles of the realm.
    pub(crate) async fn realm(&self, api: &Api) -> Result<&Arc<[Role]>, Error> {
        self.realm.get_or_try_init(|| async { Ok(all_roles(api).await?.into()) }).await
    }

    /// The wanted roles: first those of the realm, then those of each client.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownRoles`] with every name that does not exist.
    pub(crate) async fn wanted(&self, api: &Api, set: &RoleSet) -> Result<Vec<Role>, Error> {
        let mut choice = Choice::default();
        if set.has_realm_roles() {
            let existing = self.realm(api).await?;
            match &set.realm {
                Roles::All => choice.picked.extend_from_slice(existing),
                Roles::Named(names) => choice.pick(existing, None, names),
                Roles::None => {}
            }
        }
        for (client, names) in &set.clients {
            match self.of_client(api, client).await? {
                Ok(existing) => choice.pick(&existing, Some(client), names),
                Err(unknown) => choice.unknown_clients.push(unknown),
            }
        }
        choice.outcome(api.realm())
    }

    /// The groups with these paths.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownGroups`] with every path that does not exist.
    pub(crate) async fn groups(&self, api: &Api, paths: &[String]) -> Result<Vec<Group>, Error> {
        let (mut found, mut missing): (Vec<Group>, Vec<String>) = (Vec::new(), Vec::new());
        for path in paths {
            let read = || async { Ok(api.group_at(path).await?.map(Arc::new)) };
            match self.groups.get_or_read(path, read).await? {
                Some(group) if found.iter().any(|known| known.id == group.id) => {}
                Some(group) => found.push(Group::clone(&group)),
                None => missing.push(path.clone()),
            }
        }
        if missing.is_empty() { Ok(found) } else { Err(Error::unknown_groups(api.realm(), missing)) }
    }

    async fn of_client(&self, api: &Api, client: &str) -> Result<Result<Arc<[Role]>, UnknownClient>, Error> {
        validate::client_id(client)?;
        let read = || async {
            match of_client(api, client).await {
                Ok(roles) => Ok(Ok(roles.into())),
                Err(Error::NotFound { .. }) => Ok(Err(unknown_client(api, client).await)),
                Err(error) => Err(error),
            }
        };
        self.clients.get_or_read(client, read).await
    }
}

/// What was found of the wanted roles.
#[derive(Default)]
struct Choice {
    picked: Vec<Role>,
    unknown: Vec<UnknownRole>,
    unknown_clients: Vec<UnknownClient>,
}

impl Choice {
    /// Picks the roles with these names, each once, in the order of the names.
    fn pick<'n>(
        &mut self,
        existing: &[Role],
        client: Option<&str>,
        names: impl IntoIterator<Item = &'n String>,
    ) {
        let mut seen = HashSet::new();
        for name in names.into_iter().filter(|name| seen.insert(name.as_str())) {
            match existing.iter().find(|role| role.name == *name) {
                Some(role) => self.picked.push(role.clone()),
                None => self.unknown.push(UnknownRole {
                    name: name.clone(),
                    client: client.map(ToOwned::to_owned),
                    nearest: nearest_name(name, existing.iter().map(|role| role.name.as_str()))
                        .map(ToOwned::to_owned),
                }),
            }
        }
    }

    fn outcome(self, realm: &str) -> Result<Vec<Role>, Error> {
        let Self { picked, unknown, unknown_clients } = self;
        if unknown.is_empty() && unknown_clients.is_empty() {
            return Ok(picked);
        }
        Err(Error::UnknownRoles { realm: realm.to_owned(), unknown, unknown_clients })
    }
}

/// The client that does not exist, with a similar client ID if one can be found: the server only searches for parts of
/// IDs, so a half of a misspelt one is searched for.
async fn unknown_client(api: &Api, name: &str) -> UnknownClient {
    let characters: Vec<char> = name.chars().collect();
    let (first, last) = characters.split_at(characters.len() / 2);
    let mut similar = Vec::new();
    for half in [first, last].map(|half| half.iter().collect::<String>()) {
        if !half.is_empty() {
            // It only improves the message, so a failure does not matter.
            similar.extend(api.client_ids_like(&half).await.unwrap_or_default());
        }
    }
    let nearest = nearest_name(name, similar.iter().map(String::as_str)).map(ToOwned::to_owned);
    UnknownClient { name: name.to_owned(), nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: &str) -> Role {
        Role {
            name: name.to_owned(),
            client: None,
            description: None,
            composite: false,
            id: format!("id of {name}"),
            client_uuid: None,
        }
    }

    fn pick(existing: &[&str], client: Option<&str>, names: &[&str]) -> Result<Vec<Role>, Error> {
        let existing: Vec<Role> = existing.iter().map(|name| role(name)).collect();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut choice = Choice::default();
        choice.pick(&existing, client, &names);
        choice.outcome("insights")
    }

    #[test]
    fn picks_each_once_in_the_order_given() {
        let picked = pick(&["a", "b", "all"], None, &["all", "a", "all"]).unwrap();
        assert_eq!(picked.iter().map(|role| role.name.as_str()).collect::<Vec<_>>(), ["all", "a"]);
    }

    #[test]
    fn names_every_unknown_role_and_the_nearest() {
        let existing = ["insights.query.data", "insights.role.viewer"];
        let error = pick(&existing, None, &["insights.query.dat", "insights.role.viewer", "zz"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown roles in the realm `insights`: `insights.query.dat` (did you mean `insights.query.data`?), `zz`"
        );
    }

    #[test]
    fn names_the_client_of_an_unknown_client_role() {
        let error = pick(&["view-clients"], Some("realm-management"), &["veiw-clients"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown role in the realm `insights`: `veiw-clients` of the client `realm-management` (did you mean \
             `view-clients`?)"
        );
    }

    #[test]
    fn names_unknown_clients_after_unknown_roles() {
        let mut choice = Choice::default();
        choice.pick(&[], None, &["x".to_owned()]);
        let (name, nearest) = ("realm-managment".to_owned(), Some("realm-management".to_owned()));
        choice.unknown_clients.push(UnknownClient { name, nearest });
        assert_eq!(
            choice.outcome("insights").unwrap_err().to_string(),
            "unknown role in the realm `insights`: `x`; unknown client in the realm `insights`: `realm-managment` (did \
             you mean `realm-management`?)"
        );
    }
}
