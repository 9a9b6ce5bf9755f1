//! Finds composite roles that grant rights to administer the realm, which is worth a warning.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt as _, stream};
use tokio::sync::{OnceCell, Semaphore};

use crate::admin::Api;
use crate::error::Error;
use crate::model::client_uuid::ClientUuid;
use crate::model::role::Role;
use crate::model::warning::Warning;

/// How many reads are under way at the same time, for all registrations together.
const AT_ONCE: usize = 4;

/// What composite roles include: each role and each client is read once for all registrations that share this.
pub(crate) struct Grants {
    /// The roles that a composite role includes directly, by its ID.
    parts: Cells<Arc<[Role]>>,
    /// Whether the roles of a client are rights to administer the realm, by the UUID of the client.
    clients: Cells<bool>,
    permits: Semaphore,
}

/// Values that are read at most once each, different ones at the same time.
type Cells<T> = Mutex<HashMap<String, Arc<OnceCell<T>>>>;

/// What has been read for one registration, or why it could not be read, by the ID of the role or the client.
type Reads<T> = HashMap<String, Result<T, Error>>;

impl Default for Grants {
    fn default() -> Self {
        Self { parts: Cells::default(), clients: Cells::default(), permits: Semaphore::new(AT_ONCE) }
    }
}

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
    let composite = composite.into_iter().filter(|role| !is_default(role));
    let mut warnings = Vec::new();
    for (role, granted) in grants.of(api, composite).await {
        let role = role.to_owned();
        match granted {
            Ok(grants) if grants.is_empty() => {}
            Ok(grants) => warnings.push(Warning::GrantsRealmManagement { role, grants }),
            Err(error) => warnings.push(Warning::NotChecked { role, reason: error.to_string() }),
        }
    }
    warnings
}

impl Grants {
    /// The composite roles among these, by name, each with the rights to administer the realm that it includes.
    pub(crate) async fn of<'r>(
        &self,
        api: &Api,
        roles: impl IntoIterator<Item = &'r Role>,
    ) -> Vec<(&'r str, Result<Vec<String>, Error>)> {
        let composite: Vec<&Role> = roles.into_iter().filter(|role| role.composite).collect();
        let parts = self.all_parts(api, &composite).await;
        let clients = self.owners(api, &parts).await;
        composite.into_iter().map(|role| (role.name.as_str(), granted(role, &parts, &clients))).collect()
    }

    /// The parts of these roles and of every composite role that they include, at any depth. What is open on one level
    /// is read at the same time.
    async fn all_parts(&self, api: &Api, roles: &[&Role]) -> Reads<Arc<[Role]>> {
        let mut reads = Reads::new();
        let mut open: Vec<Role> = roles.iter().map(|role| (*role).clone()).collect();
        while !open.is_empty() {
            let read = |role: Role| async move {
                let parts = self.parts(api, &role).await;
                (role.id, parts)
            };
            let level: Vec<_> = stream::iter(open).map(read).buffered(AT_ONCE).collect().await;
            let found = level.iter().filter_map(|(_, parts)| parts.as_ref().ok());
            let found: Vec<Role> =
                found.flat_map(|parts| parts.iter()).filter(|part| part.composite).cloned().collect();
            reads.extend(level);
            let mut seen = HashSet::new();
            open = found;
            open.retain(|role| !reads.contains_key(&role.id) && seen.insert(role.id.clone()));
        }
        reads
    }

    /// Whether each client that one of these parts belongs to administers the realm.
    async fn owners(&self, api: &Api, parts: &Reads<Arc<[Role]>>) -> Reads<bool> {
        let parts = parts.values().filter_map(|parts| parts.as_ref().ok());
        let clients: HashSet<String> =
            parts.flat_map(|parts| parts.iter()).filter_map(|part| part.client.clone()).collect();
        let read = |client: String| async move {
            let administers = self.administers(api, &client).await;
            (client, administers)
        };
        stream::iter(clients).map(read).buffer_unordered(AT_ONCE).collect().await
    }

    async fn parts(&self, api: &Api, role: &Role) -> Result<Arc<[Role]>, Error> {
        let known = cell(&self.parts, &role.id);
        let read = || async {
            let _permit = self.permits.acquire().await;
            Ok(Arc::from(api.composites(role).await?))
        };
        known.get_or_try_init(read).await.cloned()
    }

    /// Whether the roles of the client with this UUID are rights to administer a realm.
    async fn administers(&self, api: &Api, client: &str) -> Result<bool, Error> {
        let known = cell(&self.clients, client);
        let read = || async {
            let _permit = self.permits.acquire().await;
            let id = api.client(&ClientUuid::from_server(client.to_owned())).await?.id;
            Ok(id == "realm-management" || (api.realm() == "master" && id.ends_with("-realm")))
        };
        known.get_or_try_init(read).await.copied()
    }
}

/// The rights to administer the realm that a role includes, sorted. It fails if a role or a client that it depends on
/// could not be read.
fn granted(role: &Role, parts: &Reads<Arc<[Role]>>, clients: &Reads<bool>) -> Result<Vec<String>, Error> {
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
            if let Some(administers) = part.client.as_ref().and_then(|client| clients.get(client))
                && *administers.as_ref().map_err(Error::clone)?
            {
                grants.push(part.name.clone());
            }
        }
    }
    grants.sort();
    Ok(grants)
}
