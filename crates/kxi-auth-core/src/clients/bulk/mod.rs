//! `register_clients`, `plan_clients`, `update_clients` and `delete_clients`: many items at a time, one result for each.
pub(crate) mod cancel;
pub(crate) mod progress;
mod queue;
mod register;

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use tracing::{Instrument as _, Span};

use crate::clients::bulk::cancel::CancelHandle;
use crate::clients::bulk::progress::{Callback, Progress};
use crate::clients::bulk::queue::{Run, Task, same_manager};
use crate::clients::delete::DeleteClient;
use crate::clients::get::GetClient;
use crate::clients::plan::{PlanClient, RegistrationPlan};
use crate::clients::register::RegisterClient;
use crate::clients::register::registration::Registration;
use crate::clients::update::UpdateClient;
use crate::clients::updated_client::UpdatedClient;
use crate::error::Error;
use crate::manager::ClientManager;
use crate::model::auth_client::AuthClient;

/// The default of items in flight. More were not faster (observed on Keycloak 26.7.3).
const CONCURRENCY: usize = 8;

/// A request for many registrations, updates, deletions or look-ups. Nothing is sent until it is awaited. It returns one result
/// per item, in the order of the items. An item that fails does not affect the others, unless the server is away for
/// everybody: after 3 items in a row that failed because of that, each after all its retries, no further item starts,
/// and the rest get [`Error::NotStarted`]. Items in flight finish, and one that gets a response lets the work go on.
///
/// Items for the same client run one after another, in their order. An item of another manager (not a clone of this
/// one) is rejected.
///
/// Dropping the future stops it: nothing more is sent. Items that have started may then be half done; the same call
/// again completes them.
///
/// Created by [`ClientManager::register_clients`], [`ClientManager::plan_clients`],
/// [`ClientManager::update_clients`], [`ClientManager::get_clients`] and [`ClientManager::delete_clients`].
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) {
/// let deletions = ["svc-a", "svc-b"].map(|id| manager.delete_client(id));
/// for outcome in manager.delete_clients(deletions).concurrency(2).await {
///     match outcome {
///         Ok(client) => println!("{client} is gone"),
///         Err(error) => eprintln!("{error}"),
///     }
/// }
/// # }
/// ```
#[must_use = "nothing is sent until it is awaited"]
pub struct Bulk<I> {
    pub(crate) manager: ClientManager,
    items: Vec<I>,
    concurrency: usize,
    on_progress: Option<Callback>,
    cancel: CancelHandle,
}

impl ClientManager {
    /// Registers many clients, each like [`register_client`](Self::register_client).
    ///
    /// The realm's roles and clients are read once for all items. A new client then takes four requests (it is
    /// read back after the create), a client without a difference takes two, and one with a changed field four. A faulty item (a blank ID, an unknown role, …) gets its own error, and nothing is
    /// sent for it. If the first reads fail, every item gets that error. After an interruption, the same call again
    /// completes the work, including half-registered clients.
    ///
    /// # Errors
    ///
    /// Each result has those of [`register_client`](Self::register_client), [`Error::Cancelled`] and
    /// [`Error::NotStarted`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) {
    /// use kxi_auth_core::Roles;
    ///
    /// let roles = Roles::named(["insights.query.data"]);
    /// let items = ["svc-a", "svc-b"].map(|id| manager.register_client(id).roles(roles.clone()));
    /// let outcomes = manager
    ///     .register_clients(items)
    ///     .on_progress(|progress| eprintln!("{} of {}", progress.done, progress.total))
    ///     .await;
    /// let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    /// # }
    /// ```
    pub fn register_clients(&self, items: impl IntoIterator<Item = RegisterClient>) -> Bulk<RegisterClient> {
        Bulk::new(self, items)
    }

    /// Plans many registrations, with one result for each in the same order. It reads and never writes. Roles and clients
    /// are read once for all items; each client that exists takes 2 more requests.
    ///
    /// # Errors
    ///
    /// Each result has those of [`register_clients`](Self::register_clients), except conflicts.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let items = ["feed-1", "feed-2"].map(|id| manager.register_client(id));
    /// for plan in manager.plan_clients(items).await {
    ///     println!("{:?}", plan?);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn plan_clients(&self, items: impl IntoIterator<Item = RegisterClient>) -> Bulk<PlanClient> {
        Bulk::new(self, items.into_iter().map(RegisterClient::plan))
    }

    /// Updates many clients, each like [`update_client`](Self::update_client).
    ///
    /// # Errors
    ///
    /// Each result has those of [`update_client`](Self::update_client), [`Error::Cancelled`] and
    /// [`Error::NotStarted`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let clients = manager.list_clients().await?;
    /// let mine = clients.iter().filter(|client| client.id.starts_with("svc-"));
    /// let items = mine.map(|client| manager.update_client(client).token_lifespan(600));
    /// for outcome in manager.update_clients(items).await {
    ///     println!("{} lives by its new lifespan", outcome?.id);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn update_clients(&self, items: impl IntoIterator<Item = UpdateClient>) -> Bulk<UpdateClient> {
        Bulk::new(self, items)
    }

    /// Finds many clients, each like [`get_client`](Self::get_client) and with as many requests. To find most clients of a
    /// realm, [`list_clients`](Self::list_clients) takes fewer.
    ///
    /// # Errors
    ///
    /// Each result has those of [`get_client`](Self::get_client), [`Error::Cancelled`] and [`Error::NotStarted`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let items = ["svc-a", "svc-b"].map(|id| manager.get_client(id).with_secret(false));
    /// for client in manager.get_clients(items).await {
    ///     println!("{}", client?.uuid);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn get_clients(&self, items: impl IntoIterator<Item = GetClient>) -> Bulk<GetClient> {
        Bulk::new(self, items)
    }

    /// Deletes many clients, each like [`delete_client`](Self::delete_client).
    ///
    /// # Errors
    ///
    /// Each result has those of [`delete_client`](Self::delete_client), [`Error::Cancelled`] and
    /// [`Error::NotStarted`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) {
    /// let items = ["svc-a", "svc-b"].map(|id| manager.delete_client(id));
    /// let outcomes = manager.delete_clients(items).await;
    /// # }
    /// ```
    pub fn delete_clients(&self, items: impl IntoIterator<Item = DeleteClient>) -> Bulk<DeleteClient> {
        Bulk::new(self, items)
    }
}

impl<I> Bulk<I> {
    pub(crate) fn new(manager: &ClientManager, items: impl IntoIterator<Item = I>) -> Self {
        Self {
            manager: manager.clone(),
            items: items.into_iter().collect(),
            concurrency: CONCURRENCY,
            on_progress: None,
            cancel: CancelHandle::new(),
        }
    }

    /// The most items in flight. Default: 8. More than 32 count as 32, which is not slower. With 0, every item gets [`Error::InvalidParameter`] and nothing is sent.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) {
    /// let items = ["svc-a", "svc-b"].map(|id| manager.delete_client(id));
    /// let outcomes = manager.delete_clients(items).concurrency(1).await;
    /// # }
    /// ```
    pub fn concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// Sets a function that is called after each item, one call at a time, by the task that awaits. It should return at
    /// once, because everything waits for it. Default: none.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) {
    /// let items = ["svc-a", "svc-b"].map(|id| manager.delete_client(id));
    /// let outcomes = manager
    ///     .delete_clients(items)
    ///     .on_progress(|progress| eprintln!("{}/{}", progress.done, progress.total))
    ///     .await;
    /// # }
    /// ```
    pub fn on_progress(mut self, call: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(Arc::new(call));
        self
    }

    /// Sets a handle that ends the work early: see [`CancelHandle`]. Default: none.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager, stop: kxi_auth_core::CancelHandle) {
    /// let items = ["svc-a", "svc-b"].map(|id| manager.delete_client(id));
    /// let outcomes = manager.delete_clients(items).cancellation(&stop).await;
    /// # }
    /// ```
    pub fn cancellation(mut self, handle: &CancelHandle) -> Self {
        self.cancel = handle.clone();
        self
    }

    fn into_parts(self) -> (ClientManager, Vec<I>, Run) {
        let Self { manager, items, concurrency, on_progress, cancel } = self;
        let run = Run::new(items.len(), concurrency, on_progress, cancel);
        (manager, items, run)
    }

    /// Runs each item as it would run alone. `about` returns the item's manager, its name in reports, and the key that it
    /// shares with items for the same client.
    fn each<T>(self, span: Span, about: fn(&I) -> (&ClientManager, &str, &str)) -> Outcomes<T>
    where
        I: IntoFuture<Output = Result<T, Error>, IntoFuture: Send> + Send + 'static,
        T: Send + 'static,
    {
        let (manager, items, run) = self.into_parts();
        let task = |item: I| {
            let (of, id, key) = about(&item);
            let (checked, id, key) = (same_manager(&manager, of), id.to_owned(), key.to_owned());
            Task { id, key, job: checked.map(|()| item) }
        };
        let tasks = items.into_iter().map(task).collect();
        Box::pin(run.all(tasks, I::into_future).instrument(span))
    }
}

/// The future of a [`Bulk`]: one result per item, in the order of the items.
type Outcomes<T> = Pin<Box<dyn Future<Output = Vec<Result<T, Error>>> + Send>>;

impl IntoFuture for Bulk<RegisterClient> {
    type Output = Vec<Result<Registration, Error>>;
    type IntoFuture = Outcomes<Registration>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("register_clients", items = self.items.len());
        let (manager, items, run) = self.into_parts();
        Box::pin(register::all(manager, items, run).instrument(span))
    }
}

impl IntoFuture for Bulk<PlanClient> {
    type Output = Vec<Result<RegistrationPlan, Error>>;
    type IntoFuture = Outcomes<RegistrationPlan>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("plan_clients", items = self.items.len());
        let (manager, items, run) = self.into_parts();
        Box::pin(register::plan_all(manager, items, run).instrument(span))
    }
}

impl IntoFuture for Bulk<UpdateClient> {
    type Output = Vec<Result<UpdatedClient, Error>>;
    type IntoFuture = Outcomes<UpdatedClient>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("update_clients", items = self.items.len());
        self.each(span, |item| (&item.manager, &item.id, item.uuid.as_str()))
    }
}

impl IntoFuture for Bulk<GetClient> {
    type Output = Vec<Result<AuthClient, Error>>;
    type IntoFuture = Outcomes<AuthClient>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("get_clients", items = self.items.len());
        self.each(span, |item| (&item.manager, &item.id, &item.id))
    }
}

impl IntoFuture for Bulk<DeleteClient> {
    type Output = Vec<Result<AuthClient, Error>>;
    type IntoFuture = Outcomes<AuthClient>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("delete_clients", items = self.items.len());
        self.each(span, |item| (&item.manager, &item.id, &item.id))
    }
}

impl<I: fmt::Debug> fmt::Debug for Bulk<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { items, concurrency, cancel, .. } = self;
        f.debug_struct("Bulk")
            .field("items", items)
            .field("concurrency", concurrency)
            .field("cancel", cancel)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
