//! `list_clients`: lists the clients of the realm, all at once or as a stream.

use std::fmt;
use std::future::{self, Future, IntoFuture, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_util::future::BoxFuture;
use futures_util::{Stream, TryStreamExt as _};
use tracing::Span;

use crate::clients::lookup::details;
use crate::clients::pages::{page, pages};
use crate::clients::paging::Pages;
use crate::error::{Error, RequestLine};
use crate::manager::ClientManager;
use crate::model::auth_client::AuthClient;
use crate::model::client_details::ClientDetails;
use crate::model::stored_client::StoredClient;

/// How many times the longest response the clients may take that an awaited list keeps: 96 MiB by default, enough for
/// 8,000 service accounts with all their fields, as they take about 12 KB each, and for more than 200,000 without.
const KEPT: usize = 6;

/// A request to list clients. Nothing is sent until it is awaited or its [`stream`](Self::stream) is read.
///
/// Created by [`ClientManager::list_clients`].
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// for client in manager.list_clients().with_secret(false).await? {
///     println!("{} {}", client.id, client.uuid);
/// }
/// let exists = !manager.list_clients().id("my-service").await?.is_empty();
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a listing is not sent until it is awaited or its stream is read"]
pub struct ListClients {
    pub(crate) manager: ClientManager,
    id: Option<String>,
    pub(crate) with_secret: bool,
}

/// A request to list clients with their details. Nothing is sent until it is awaited.
///
/// Created by [`ListClients::details`].
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// for client in manager.list_clients().details().await? {
///     println!("{}: {}", client.id, if client.is_enabled() { "enabled" } else { "disabled" });
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a listing is not sent until it is awaited"]
pub struct ListClientDetails {
    pub(crate) manager: ClientManager,
    listing: ListClients,
    filter: Arc<Filter>,
}

/// Chooses the clients that a list keeps.
type Filter = dyn Fn(&ClientDetails) -> bool + Send + Sync;

/// The clients of a realm one after another, read page by page: a [`Stream`] of results. It requests at most four
/// pages ahead, none before the first poll and none after it is dropped. It ends after an error.
///
/// Created by [`ListClients::stream`].
///
/// # Examples
///
/// ```no_run
/// use futures_util::TryStreamExt as _;
///
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let first = manager.list_clients().stream().try_next().await?;
/// # Ok(()) }
/// ```
#[must_use = "a stream sends nothing until it is polled"]
pub struct ClientStream {
    pages: Pages<AuthClient>,
    page: vec::IntoIter<AuthClient>,
    span: Span,
}

/// Converts a page of stored clients to what the caller gets.
type Form<T> = fn(Arc<ListClients>, Vec<StoredClient>) -> BoxFuture<'static, Result<Vec<T>, Error>>;

impl ListClients {
    pub(crate) fn new(manager: &ClientManager) -> Self {
        Self { manager: manager.clone(), id: None, with_secret: true }
    }

    /// Lists only the client with exactly this client ID (case-sensitive): one client or none. One request if it exists,
    /// two or three if not, because the others rule out that the admin may not see it. Default: all clients. A blank ID is
    /// [`Error::InvalidParameter`], because the server treats it as no filter (observed on Keycloak 26.7.3).
    ///
    /// Source: the argument `client_id` of `list_clients`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// if let [client] = manager.list_clients().id("my-service").await?.as_slice() {
    ///     println!("{}", client.uuid);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Whether the clients contain their secrets. Default: true. The server sends the secrets in any case, even to an
    /// admin with only `view-clients` (observed on Keycloak 26.7.3). `false` saves no request, but drops secrets that are
    /// not needed.
    ///
    /// Source: the argument `with_secret` of `list_clients`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let clients = manager.list_clients().with_secret(false).await?;
    /// assert!(clients.iter().all(|client| client.secret.is_none()));
    /// # Ok(()) }
    /// ```
    pub fn with_secret(mut self, with_secret: bool) -> Self {
        self.with_secret = with_secret;
        self
    }

    /// Returns the clients as they arrive, in the same order as the awaited list.
    ///
    /// # Errors
    ///
    /// An item can be an error that [`ClientManager::list_clients`] documents. It is the last item.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use futures_util::TryStreamExt as _;
    ///
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let mut clients = manager.list_clients().stream();
    /// while let Some(client) = clients.try_next().await? {
    ///     println!("{}", client.id);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn stream(self) -> ClientStream {
        let span = self.span();
        let form: Form<AuthClient> = |listing, page| Box::pin(future::ready(Ok(listing.listed(page))));
        let pages = self.pages(form, |client| client.uuid.as_str());
        ClientStream { pages, page: Vec::new().into_iter(), span }
    }

    /// Returns the clients with every field that the server stores, with the same requests and in the same order.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let clients = manager.list_clients().with_secret(false).details().await?;
    /// # Ok(()) }
    /// ```
    pub fn details(self) -> ListClientDetails {
        ListClientDetails { manager: self.manager.clone(), listing: self, filter: Arc::new(|_| true) }
    }

    fn span(&self) -> Span {
        tracing::info_span!("list_clients", client_id = self.id)
    }

    /// The clients, each page converted by `form`.
    fn pages<T: Send + 'static>(self, form: Form<T>, key: fn(&T) -> &str) -> Pages<T> {
        let manager = self.manager.clone();
        let this = Arc::new(self);
        let source = move |first, max| {
            let this = Arc::clone(&this);
            async move {
                let page = this.page(first, max).await?;
                form(this, page).await
            }
        };
        pages(&manager, source, key)
    }

    async fn page(&self, first: usize, max: usize) -> Result<Vec<StoredClient>, Error> {
        let api = self.manager.api();
        match self.id.as_deref() {
            None => page(&self.manager, first, max).await,
            Some(blank) if blank.trim().is_empty() => {
                let reason =
                    "it is blank, which the server treats as no filter; leave it out to list all clients";
                Err(Error::invalid("id filter", reason))
            }
            Some(id) => match api.find_client(id).await? {
                Some(stored) => Ok(vec![stored]),
                None => api.rule_out_hidden(id).await.map(|()| Vec::new()),
            },
        }
    }

    fn listed(&self, page: Vec<StoredClient>) -> Vec<AuthClient> {
        let listed = |mut stored: StoredClient| {
            stored.secret = stored.secret.filter(|_| self.with_secret);
            self.manager.auth_client(stored)
        };
        page.into_iter().map(listed).collect()
    }

    async fn detailed(self: Arc<Self>, page: Vec<StoredClient>) -> Result<Vec<ClientDetails>, Error> {
        let mut clients = Vec::with_capacity(page.len());
        for stored in page {
            clients.push(details(&self.manager, stored, self.with_secret).await?);
        }
        Ok(clients)
    }
}

impl ListClientDetails {
    /// Keeps only the clients for which this returns true. It is called once for each client, in the order of the list, as
    /// the pages arrive. What it rejects takes no memory. Default: all clients.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let mine = manager.list_clients().details().filter(|client| client.attribute("owner") == Some("feeds")).await?;
    /// # Ok(()) }
    /// ```
    pub fn filter(mut self, filter: impl Fn(&ClientDetails) -> bool + Send + Sync + 'static) -> Self {
        self.filter = Arc::new(filter);
        self
    }

    async fn run(self) -> Result<Vec<ClientDetails>, Error> {
        let span = self.listing.span();
        let mut room = Room::of(&self.manager);
        let form: Form<ClientDetails> = |listing, page| Box::pin(listing.detailed(page));
        let mut pages = self.listing.pages(form, |client| client.uuid.as_str());
        let mut clients = Vec::new();
        while let Some(page) = poll_fn(|context| span.in_scope(|| pages.poll_page(context))).await {
            for client in page?.into_iter().filter(|client| (self.filter)(client)) {
                room.take(client.size())?;
                clients.push(client);
            }
        }
        Ok(clients)
    }
}

/// The memory for the clients that an awaited list keeps.
struct Room {
    limit: usize,
    left: usize,
    request: RequestLine,
}

impl Room {
    fn of(manager: &ClientManager) -> Self {
        let limit = manager.connection().response_limit.saturating_mul(KEPT);
        Self { limit, left: limit, request: manager.api().clients_line() }
    }

    fn take(&mut self, size: usize) -> Result<(), Error> {
        let (request, limit) = (&self.request, self.limit);
        let too_large = || Error::ResponseTooLarge { request: request.clone(), limit, decoded: true };
        self.left = self.left.checked_sub(size).ok_or_else(too_large)?;
        Ok(())
    }
}

impl IntoFuture for ListClients {
    type Output = Result<Vec<AuthClient>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let mut room = Room::of(&self.manager);
        let kept =
            self.stream().and_then(move |client| future::ready(room.take(client.size()).map(|()| client)));
        Box::pin(kept.try_collect())
    }
}

impl IntoFuture for ListClientDetails {
    type Output = Result<Vec<ClientDetails>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl Stream for ClientStream {
    type Item = Result<AuthClient, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { pages, page, span } = &mut *self;
        loop {
            if let Some(client) = page.next() {
                return Poll::Ready(Some(Ok(client)));
            }
            match ready!(span.in_scope(|| pages.poll_page(context))) {
                Some(Ok(next)) => *page = next.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl fmt::Debug for ListClientDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListClientDetails").field("listing", &self.listing).finish_non_exhaustive()
    }
}

impl fmt::Debug for ClientStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientStream").finish_non_exhaustive()
    }
}
