//! Registers in bulk: what many registrations need is read once.

use std::collections::{HashMap, HashSet};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::time::{Duration, Instant};
use tracing::{Instrument as _, Span};

use crate::admin::access::COMMON_CLIENT;
use crate::clients::bulk::queue::{Run, Task, same_manager};
use crate::clients::pages::{page, pages};
use crate::clients::paging::Pages;
use crate::clients::plan::{PlanClient, RegistrationPlan};
use crate::clients::register::registration::Registration;
use crate::clients::register::{Prefetched, RegisterClient};
use crate::error::Error;
use crate::manager::ClientManager;
use crate::model::stored_client::StoredClient;
use crate::roles::composites::Composites;
use crate::roles::wanted::Existing;

/// How long a listing counts as current. After that, a client is read again before it is changed, because an update
/// sends flags as they were read, and others may have changed them.
const FRESH: Duration = Duration::from_secs(5);

/// Clients that are looked up at the same time.
const LOOK_UPS: usize = 4;
/// The memory for listed clients until it is their turn, in bytes: enough for several thousand. Others are read again.
const ROOM: usize = 48 * 1024 * 1024;

/// A registration, and what is known about its client.
struct Job {
    item: RegisterClient,
    roles: Arc<Existing>,
    client: Listed,
    composites: Arc<Composites>,
}

/// What the listing showed about a client.
enum Listed {
    Absent,
    /// Its state at that moment.
    There(Box<StoredClient>, Instant),
    /// An earlier item has the same client ID.
    Changed,
}

/// The work on an item: its registration or its plan.
type Work<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

pub(super) async fn all(
    manager: ClientManager,
    items: Vec<RegisterClient>,
    run: Run,
) -> Vec<Result<Registration, Error>> {
    let span = |id: &str| tracing::info_span!("register_client", client_id = id);
    // Whether an unseen client exists shows when it is created.
    each(manager, items, run, Unseen::MayBeCreated, span, |item, known| Box::pin(item.run(known))).await
}

pub(super) async fn plan_all(
    manager: ClientManager,
    items: Vec<PlanClient>,
    run: Run,
) -> Vec<Result<RegistrationPlan, Error>> {
    let items = items.into_iter().map(|item| item.registration).collect();
    let span = |id: &str| tracing::info_span!("plan_client", client_id = id);
    each(manager, items, run, Unseen::IsCheckedFor, span, |item, known| Box::pin(item.planned(known))).await
}

/// What follows if a client is not in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unseen {
    MayBeCreated,
    /// It counts as absent only if the server shows every client to this admin.
    IsCheckedFor,
}

async fn each<T: Send + 'static>(
    manager: ClientManager,
    items: Vec<RegisterClient>,
    run: Run,
    unseen: Unseen,
    span: fn(&str) -> Span,
    work: fn(RegisterClient, Prefetched) -> Work<T>,
) -> Vec<Result<T, Error>> {
    let checked = |item: &RegisterClient| {
        same_manager(&manager, &item.manager)?;
        item.check()
    };
    let checks: Vec<Result<(), Error>> = items.iter().map(checked).collect();
    let good: Vec<&RegisterClient> =
        items.iter().zip(&checks).filter(|(_, check)| check.is_ok()).map(|(item, _)| item).collect();
    let mut read = match run.stopped() {
        Some(stopped) => Err(stopped),
        None => Realm::read(&manager, &good, unseen).await,
    };
    let task = |(item, check): (RegisterClient, Result<(), Error>)| {
        let (id, key) = (item.id.clone(), item.id.clone());
        let job = check.and_then(|()| match &mut read {
            Ok(realm) => realm.job(item),
            Err(error) => Err(error.clone()),
        });
        Task { id, key, job }
    };
    let tasks = items.into_iter().zip(checks).map(task).collect();
    run.all(tasks, |job: Job| job.run(span, work)).await
}

/// What the registrations need to know about the realm.
struct Realm {
    roles: Arc<Existing>,
    /// `None` if the client exists, and is read again when it is its turn.
    clients: HashMap<String, Option<StoredClient>>,
    read_at: Instant,
    /// Whether the list may lack clients, which matters only where [`Unseen::IsCheckedFor`].
    filtered: bool,
    /// The client IDs of earlier items.
    taken: HashSet<String>,
    composites: Arc<Composites>,
}

impl Realm {
    /// Reads only what these items need, and nothing without items.
    async fn read(manager: &ClientManager, items: &[&RegisterClient], unseen: Unseen) -> Result<Self, Error> {
        let roles = Arc::<Existing>::default();
        if items.iter().any(|item| item.roles.has_realm_roles()) {
            roles.realm(manager.api()).await?;
        }
        let read_at = Instant::now();
        let ids: HashSet<String> = items.iter().map(|item| item.id.clone()).collect();
        let all = ids.len();
        let Listing { stored: clients, is_whole } =
            listed(manager, ids).instrument(tracing::info_span!("list_clients")).await?;
        let check = unseen == Unseen::IsCheckedFor && clients.len() < all && !is_whole;
        let filtered = check && !manager.api().lists_every_client().await?;
        Ok(Self { roles, clients, read_at, filtered, taken: HashSet::new(), composites: Arc::default() })
    }

    fn job(&mut self, item: RegisterClient) -> Result<Job, Error> {
        let client = match self.clients.remove(&item.id) {
            Some(Some(stored)) => Listed::There(Box::new(stored), self.read_at),
            Some(None) => Listed::Changed,
            None if self.taken.contains(&item.id) => Listed::Changed,
            None if self.filtered => return Err(item.manager.api().not_visible(&item.id)),
            None => Listed::Absent,
        };
        self.taken.insert(item.id.clone());
        Ok(Job { item, roles: Arc::clone(&self.roles), client, composites: Arc::clone(&self.composites) })
    }
}

/// What the server lists.
struct Listing {
    /// The clients with the wanted IDs that exist. `None` if one is to be read again when it is its turn.
    stored: HashMap<String, Option<StoredClient>>,
    /// Whether the list shows that nothing is left out of it for this admin.
    is_whole: bool,
}

/// The clients with these IDs that exist. Listing the realm is the cheapest way to find many. But once more pages have
/// been read than IDs are left, the remaining IDs are looked up one by one, so that a few items in a large realm do not
/// cost its whole list.
async fn listed(manager: &ClientManager, ids: HashSet<String>) -> Result<Listing, Error> {
    let (mut left, mut stored, mut is_whole) = (ids, HashMap::new(), false);
    let mut room = ROOM;
    let mut keep = |client: StoredClient| {
        let size = client.size();
        let fits = size <= room;
        room -= if fits { size } else { 0 };
        (client.id.clone(), fits.then_some(client))
    };
    let mut pages = realm_pages(manager);
    let mut read = 0;
    while read < left.len() {
        let Some(page) = poll_fn(|context| pages.poll_page(context)).await else {
            return Ok(Listing { stored, is_whole });
        };
        read += 1;
        for client in page? {
            is_whole |= client.id == COMMON_CLIENT;
            if left.remove(&client.id) {
                stored.extend([keep(client)]);
            }
        }
        if pages.is_ended() {
            return Ok(Listing { stored, is_whole });
        }
    }
    drop(pages);
    let look_up = |id: String| async move { manager.api().find_client(&id).await };
    let mut looked_up = stream::iter(left).map(look_up).buffer_unordered(LOOK_UPS);
    while let Some(client) = looked_up.try_next().await? {
        stored.extend(client.map(&mut keep));
    }
    Ok(Listing { stored, is_whole })
}

fn realm_pages(manager: &ClientManager) -> Pages<StoredClient> {
    let asking = manager.clone();
    let source = move |first, max| {
        let manager = asking.clone();
        async move { page(&manager, first, max).await }
    };
    pages(manager, source, |client: &StoredClient| client.uuid.as_str())
}

impl Job {
    /// The same as awaiting the item alone, with what is known already.
    fn run<T: Send + 'static>(
        self,
        span: fn(&str) -> Span,
        work: fn(RegisterClient, Prefetched) -> Work<T>,
    ) -> Work<T> {
        let span = span(&self.item.id);
        let outcome = async move {
            let Self { item, roles, client, composites } = self;
            let client = match client {
                // If the client is created in the meantime, the create gets a 409, and the client is read.
                Listed::Absent => None,
                Listed::There(stored, at) if at.elapsed() < FRESH => Some(*stored),
                Listed::There(..) | Listed::Changed => item.manager.api().find_client(&item.id).await?,
            };
            let listed = client.as_ref().map(|client: &StoredClient| client.uuid.clone());
            // The roles that are wanted can be of another client.
            let is_gone = |error: &Error| match error.root() {
                Error::NotFound { what: "client", name, .. } => {
                    listed.as_ref().is_some_and(|uuid| name == uuid.as_str() || *name == item.id)
                }
                _ => false,
            };
            let known = Prefetched { roles: Arc::clone(&roles), client, composites: Arc::clone(&composites) };
            match work(item.clone(), known).await {
                // The client was deleted after it was listed. It is created again, as it would be alone.
                Err(error) if is_gone(&error) => {
                    work(item, Prefetched { roles, client: None, composites }).await
                }
                outcome => outcome,
            }
        };
        Box::pin(outcome.instrument(span))
    }
}
