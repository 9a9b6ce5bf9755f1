use std::time::Duration;

use crate::error::cause::Cause;
use crate::error::hint::Hint;
use crate::error::incomplete::Incomplete;
use crate::error::request_line::RequestLine;
use crate::error::size::excess;
use crate::error::text::{builtin, excerpt, through, unknown_names, unseen};
use crate::error::unknown_group::UnknownGroups;
use crate::error::unknown_role::{UnknownClient, UnknownRole};

/// What went wrong. Match on the variants, or call predicates such as [`is_not_found`](Self::is_not_found).
///
/// Every message names the thing and the reason, and none contains a secret or a token. What to do about it is in
/// [`hint`](Self::hint), and the cause in [`source`](std::error::Error::source).
///
/// Source: the exceptions of the Python clients; Keycloak's responses were observed on 26.7.3. [`Hint`] has an example.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter that has no default was not set. Nothing was sent.
    #[error("missing parameter `{parameter}`")]
    #[non_exhaustive]
    MissingParameter {
        /// The parameter's name.
        parameter: &'static str,
        /// The environment variable that [`from_env`](crate::ClientManager::from_env) reads it from.
        variable: &'static str,
    },

    /// A parameter is invalid. Nothing was changed. The server would have accepted most of these values.
    #[error("invalid {parameter}: {reason}")]
    #[non_exhaustive]
    InvalidParameter {
        /// The parameter's name.
        parameter: &'static str,
        /// What is wrong with it, and what is allowed.
        reason: String,
        /// What to do about it, if another method is needed.
        hint: Option<Hint>,
    },

    /// No Keycloak was found at the host's root or under `/auth`. The next operation looks for it again.
    #[error("no Keycloak found at {host}{}: {answers}", through(.proxy.as_ref()))]
    #[non_exhaustive]
    EndpointNotFound {
        /// The host that was searched.
        host: String,
        /// Each path that was tried and how the server responded.
        answers: String,
        /// The proxy that was used, without its credentials.
        proxy: Option<String>,
        /// What to do about it.
        hint: Hint,
    },

    /// The last attempt failed because the server could not be reached or the connection broke.
    #[error("{request}: cannot reach the server at {host}{}: {reason}", through(.proxy.as_ref()))]
    #[non_exhaustive]
    Connection {
        /// The request that failed.
        request: RequestLine,
        /// The server's address.
        host: String,
        /// The proxy that was used, without its credentials.
        proxy: Option<String>,
        /// The transport's message.
        reason: String,
        /// The transport's error.
        #[source]
        source: Option<Cause>,
    },

    /// The server's certificate is not trusted, or TLS failed for another reason. This is not retried.
    #[error("{request}: cannot open a secure connection to {host}: {reason}")]
    #[non_exhaustive]
    Tls {
        /// The request that failed.
        request: RequestLine,
        /// The server's address.
        host: String,
        /// The TLS library's message.
        reason: String,
        /// What to do about it.
        hint: Option<Hint>,
        /// The transport's error.
        #[source]
        source: Option<Cause>,
    },

    /// The server did not respond in time to the last attempt. It may or may not have carried out the request.
    #[error("{request}: no response within {} s{}", .timeout.as_secs_f64(), through(.proxy.as_ref()))]
    #[non_exhaustive]
    Timeout {
        /// The request that failed.
        request: RequestLine,
        /// The time limit that was exceeded: that of one attempt, or that of all attempts together.
        timeout: Duration,
        /// The proxy that was used, without its credentials.
        proxy: Option<String>,
    },

    /// Keycloak rejected the sign-in (RFC 6749, section 5.2). This is not retried, because wrong passwords count towards a
    /// lockout. For 30 s the manager and its clones return the same error without sending a request.
    #[error("cannot sign in as `{}` to the realm `{realm}`: {reason}", excerpt(.who))]
    #[non_exhaustive]
    TokenRetrieval {
        /// The user name or client ID.
        who: String,
        /// The realm of the sign-in.
        realm: String,
        /// Why the sign-in failed: every cause for which the server sends its message.
        reason: String,
        /// What to do about it.
        hint: Option<Hint>,
        /// The request that failed, if there was one.
        request: Option<RequestLine>,
    },

    /// The server rejected a new token (401), or the [`session`](crate::ClientManagerBuilder::session) does not sign in.
    #[error("{request}: the server does not accept the sign-in: {message}")]
    #[non_exhaustive]
    Unauthorized {
        /// The request that failed.
        request: RequestLine,
        /// The server's message.
        message: String,
    },

    /// The signed-in admin lacks a role (403), or cannot see any client (200 with an empty list).
    #[error("{request}: permission denied; the signed-in admin needs {needs}")]
    #[non_exhaustive]
    Forbidden {
        /// The request that failed.
        request: RequestLine,
        /// The missing role, with its client and realm.
        needs: String,
        /// What to do about it.
        hint: Hint,
    },

    /// The client or user does not exist: Keycloak says so (404), or it is not in the list.
    #[error("{what} `{}` does not exist in the realm `{realm}`", excerpt(.name))]
    #[non_exhaustive]
    NotFound {
        /// What was looked for: `client`, `user`.
        what: &'static str,
        /// Its name or UUID.
        name: String,
        /// The realm that was searched.
        realm: String,
        /// What to do about it.
        hint: Option<Hint>,
        /// The request that returned this, if there was one.
        request: Option<RequestLine>,
    },

    /// The client is not in the list of this admin, which fine-grained permissions or `query-clients` alone limit.
    #[error("{}", unseen(.name, .realm, .needs, .rejected.as_deref()))]
    #[non_exhaustive]
    NotVisible {
        /// The client ID.
        name: String,
        /// The realm that was searched.
        realm: String,
        /// The missing role, with its client and realm.
        needs: String,
        /// Why the server rejects a create of the client, and what may be the cause. `None` after a look-up.
        rejected: Option<String>,
        /// The request that returned this, if there was one.
        request: Option<RequestLine>,
    },

    /// The realm does not exist.
    #[error("the realm `{realm}` does not exist at {host}")]
    #[non_exhaustive]
    RealmNotFound {
        /// The name of the realm.
        realm: String,
        /// The host that was searched.
        host: String,
        /// What to do about it.
        hint: Option<Hint>,
        /// The request that returned this, if there was one.
        request: Option<RequestLine>,
    },

    /// Roles with these names, or clients with roles, do not exist in the realm. Nothing was changed.
    #[error("{}", unknown_names(.realm, .unknown, .unknown_clients))]
    #[non_exhaustive]
    UnknownRoles {
        /// The realm that was searched.
        realm: String,
        /// Each unknown name, with the most similar existing name if there is one.
        unknown: Vec<UnknownRole>,
        /// The clients that do not exist although roles of them were asked for.
        unknown_clients: Vec<UnknownClient>,
    },

    /// Groups do not exist in the realm. Nothing was changed.
    #[error(transparent)]
    UnknownGroups(UnknownGroups),

    /// The name is taken by another client or by a user (409), the client belongs to another owner, other requests kept
    /// changing the same thing, or the stored client cannot sign in as asked, which a client policy can cause.
    #[error("conflict over the {what} `{}`: {reason}", excerpt(.name))]
    #[non_exhaustive]
    Conflict {
        /// The kind of thing that `name` names: `client`, `user`, `role`.
        what: &'static str,
        /// The client ID, or its UUID if the caller passed only that; the user's UUID; the role's name.
        name: String,
        /// What the conflict is, including the server's message if it sent one.
        reason: String,
        /// What to do about it, if another method is needed.
        hint: Option<Hint>,
        /// The request that returned this, if there was one.
        request: Option<RequestLine>,
    },

    /// The client is of another kind, or its service account is off. [`convert`](crate::RegisterClient::convert) changes it.
    #[error("the client `{}` exists but {reason}; it was not changed", excerpt(.client))]
    #[non_exhaustive]
    NotAServiceAccount {
        /// The client ID, or the UUID if the caller passed only the UUID.
        client: String,
        /// The field that prevents it, with its value.
        reason: String,
        /// What to do about it.
        hint: Option<Hint>,
    },

    /// The server rejected the request (another 4xx).
    #[error("{request}: the server rejected the request with {status}: {message}")]
    #[non_exhaustive]
    Rejected {
        /// The request that failed.
        request: RequestLine,
        /// The HTTP status.
        status: u16,
        /// The server's message.
        message: String,
        /// What to do about it, if that is known.
        hint: Option<Hint>,
    },

    /// Keycloak has no Admin API at this address (404): its feature `admin-api` is off, or it has another address.
    #[error("{request}: the Admin API is not available at {host}; the server says: {message}")]
    #[non_exhaustive]
    AdminApiNotFound {
        /// The request that failed.
        request: RequestLine,
        /// The address that was asked.
        host: String,
        /// The server's message.
        message: String,
    },

    /// Something that is not Keycloak responded, such as a gateway: to a request of the Admin API with a redirect or an error
    /// without Keycloak's words, or to a sign-in with neither a token nor an OAuth error (RFC 6749, section 5.2).
    #[error("{request}: something other than Keycloak responded with {status}: {answer}")]
    #[non_exhaustive]
    NotKeycloak {
        /// The request that failed.
        request: RequestLine,
        /// The HTTP status.
        status: u16,
        /// What the response shows about its sender: the content type, the title of a page, the `Server` header.
        answer: String,
    },

    /// The server failed (5xx), or limits the rate of requests (429). This is the response to the last attempt.
    #[error("{request}: the server responded with {status}: {message}")]
    #[non_exhaustive]
    Server {
        /// The request that failed.
        request: RequestLine,
        /// The HTTP status.
        status: u16,
        /// The server's message.
        message: String,
        /// How long the server asks clients to wait (`Retry-After` in seconds, RFC 9110, section 10.2.3).
        retry_after: Option<Duration>,
    },

    /// The response is not one that Keycloak sends. The error does not include its content.
    #[error("{request}: unexpected response: {reason}")]
    #[non_exhaustive]
    Protocol {
        /// The request that failed.
        request: RequestLine,
        /// What is wrong with the response.
        reason: String,
    },

    /// The response reports success, but its status or content is not what Keycloak sends for this request. A gateway or
    /// proxy usually sent it. A request that changes something may or may not have been carried out.
    #[error("{request}: unexpected response: {status} ({answer}) is not what Keycloak sends{}", .request.doubt())]
    #[non_exhaustive]
    UnexpectedResponse {
        /// The request.
        request: RequestLine,
        /// The HTTP status, a success.
        status: u16,
        /// What the response shows about its sender, such as its content type and the headers `Server` and `Via`.
        answer: String,
    },

    /// The response is longer, or its content or all of an awaited list takes more memory, than a limit; the rest was not
    /// read. A change may have been carried out. [`response_limit`](crate::ClientManagerBuilder::response_limit) raises it.
    #[error("{request}: the response is too large: {}{}", excess(*.limit, *.decoded), .request.doubt())]
    #[non_exhaustive]
    ResponseTooLarge {
        /// The request.
        request: RequestLine,
        /// The limit that was exceeded, in bytes.
        limit: usize,
        /// Whether the limit is that of the decoded content.
        decoded: bool,
    },

    /// The HTTP client cannot be set up.
    #[error("cannot set up the HTTP client: {reason}")]
    #[non_exhaustive]
    HttpClient {
        /// The HTTP library's message.
        reason: String,
    },

    /// Kdb Insights Enterprise or Keycloak itself needs the client. Nothing was changed. `allow_builtin(true)` allows it.
    #[error("{}", builtin(.client_id))]
    #[non_exhaustive]
    Builtin {
        /// The client ID.
        client_id: String,
    },

    /// The change would end the admin's own sign-in or permissions. Nothing was changed. `allow_self(true)` allows it.
    #[error("this admin signs in as the client `{}`, and {change}; it was not changed", excerpt(.client_id))]
    #[non_exhaustive]
    OwnClient {
        /// The client ID.
        client_id: String,
        /// What the change would do to the client.
        change: String,
    },

    /// The server stores something that no request can use, such as an empty internal ID. Nothing was changed.
    #[error("the {what} `{}` is stored with a fault: {reason}", excerpt(.name))]
    #[non_exhaustive]
    BadStoredData {
        /// The kind of thing that `name` names: `client`, `role`, `user`.
        what: &'static str,
        /// The client ID, or the client's UUID if the caller passed only the UUID; the role's name; the user's UUID.
        name: String,
        /// What is wrong with the stored data.
        reason: String,
    },

    /// All roles of the realm `master` include `admin`. Nothing was changed. `allow_master_roles(true)` allows it.
    #[error("the roles of the realm `{realm}` include `admin`, which has every permission")]
    #[non_exhaustive]
    MasterRoles {
        /// The realm.
        realm: String,
    },

    /// The operation failed after a part of it was carried out, or may have been. The predicates look at the cause.
    #[error(transparent)]
    Incomplete(Incomplete<Error>),

    /// The bulk operation was cancelled before it started this item. Nothing was sent for the item.
    #[error("cancelled before it started")]
    Cancelled,

    /// The bulk operation did not start this item, because 3 items in a row failed with `Connection`, `Timeout`, or
    /// `Server` with 429, 502, 503 or 504. Nothing was sent for the item.
    #[error("not started, because the server is away ({reason})")]
    #[non_exhaustive]
    NotStarted {
        /// The error of the third item.
        reason: String,
    },

    /// A blocking call is not possible in this place. Nothing was sent.
    #[error("cannot make a blocking call here: {reason}")]
    #[non_exhaustive]
    Blocking {
        /// Why it is not possible, and what to do instead.
        reason: String,
    },

    /// The operating system returned no random bytes for a secret or a UUID.
    #[error("cannot get random bytes from the operating system: {reason}")]
    #[non_exhaustive]
    Randomness {
        /// The system's message.
        reason: String,
    },
}
