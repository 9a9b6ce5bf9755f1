//! What composite roles include, at any depth.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use tokio::sync::Semaphore;

use crate::admin::Api;
use crate::error::Error;
use crate::model::client_uuid::ClientUuid;
use crate::model::role::Role;
use crate::roles::cells::Cells;

/// How many reads are under way at the same time, for all operations that share them.
const AT_ONCE: usize = 4;

/// What composite roles include: each role and each client is read once for all operations that share this.
pub(crate) struct Composites {
    /// The roles that a composite role includes directly, by its ID.
    parts: Cells<Arc<[Role]>>,
    /// The client ID of a client, by its UUID.
    clients: Cells<Arc<str>>,
    permits: Semaphore,
}

/// What has been read for one operation, or why it could not be read, by the ID of the role or the UUID of the client.
pub(super) type Reads<T> = HashMap<String, Result<T, Error>>;

impl Default for Composites {
    fn default() -> Self {
        Self { parts: Cells::default(), clients: Cells::default(), permits: Semaphore::new(AT_ONCE) }
    }
}

impl Composites {
    /// The parts of these roles and of every composite role that they include, at any depth. What is open on one level
    /// is read at the same time.
    pub(super) async fn all_parts(&self, api: &Api, roles: &[&Role]) -> Reads<Arc<[Role]>> {
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

    /// The client ID of each client that one of these parts belongs to.
    pub(super) async fn owners(&self, api: &Api, parts: &Reads<Arc<[Role]>>) -> Reads<Arc<str>> {
        let parts = parts.values().filter_map(|parts| parts.as_ref().ok());
        let clients: HashSet<ClientUuid> =
            parts.flat_map(|parts| parts.iter()).filter_map(|part| part.client_uuid.clone()).collect();
        let read = |client: ClientUuid| async move {
            let id = self.client_id(api, &client).await;
            (client.to_string(), id)
        };
        stream::iter(clients).map(read).buffer_unordered(AT_ONCE).collect().await
    }

    async fn parts(&self, api: &Api, role: &Role) -> Result<Arc<[Role]>, Error> {
        let read = || async {
            let _permit = self.permits.acquire().await;
            Ok(Arc::from(api.composites(role).await?))
        };
        self.parts.get_or_read(&role.id, read).await
    }

    async fn client_id(&self, api: &Api, client: &ClientUuid) -> Result<Arc<str>, Error> {
        let read = || async {
            let _permit = self.permits.acquire().await;
            Ok(Arc::from(api.client(client).await?.id))
        };
        self.clients.get_or_read(client.as_str(), read).await
    }
}
