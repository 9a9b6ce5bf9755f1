mod cause;
mod hint;
mod predicates;
mod request_line;
mod unknown_role;

use std::time::Duration;

pub use crate::error::cause::Cause;
pub use crate::error::hint::Hint;
pub use crate::error::request_line::RequestLine;
pub use crate::error::unknown_role::UnknownRole;

/// What went wrong, in kinds that a caller can match, or ask about by [`is_not_found`](Self::is_not_found)
/// and its like.
///
/// Every message names the thing, the reason and, where there is one, the remedy. None holds a
/// secret or a token. The cause, where there is one, is only in [`source`](std::error::Error::source).
///
/// Source: the exceptions of the Python clients, one kind or more for each; what Keycloak answers was
/// seen on 26.7.3.
///
/// # Examples
///
/// ```
/// use kxi_auth_core::{ClientManager, Error};
///
/// let error = ClientManager::builder().host("https://insights.example.com").build().unwrap_err();
/// assert!(matches!(error, Error::MissingParameter { parameter: "username", .. }));
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter that has no default was not given; nothing was sent.
    #[error("missing parameter `{parameter}`")]
    #[non_exhaustive]
    MissingParameter {
        /// The parameter's name.
        parameter: &'static str,
        /// The environment variable that [`from_env`](crate::ClientManager::from_env) takes it from.
        variable: &'static str,
    },

    /// A parameter is wrong; nothing was changed. The server would take most of such in silence.
    #[error("invalid {parameter}: {reason}")]
    #[non_exhaustive]
    InvalidParameter {
        /// The parameter's name.
        parameter: &'static str,
        /// What is wrong with it, and what is allowed.
        reason: String,
        /// What to do about it, where that is a call of another method.
        hint: Option<Hint>,
    },

    /// No Keycloak was found under the host, neither at its root nor under `/auth`. It is looked for again
    /// by the next operation.
    #[error("no Keycloak found at {host}: {answers}")]
    #[non_exhaustive]
    EndpointNotFound {
        /// The host that was asked.
        host: String,
        /// Each address asked and what it answered.
        answers: String,
    },

    /// The server could not be reached, or the connection broke, at the last of all attempts.
    #[error("{request}: cannot reach the server at {host}: {reason}")]
    #[non_exhaustive]
    Connection {
        /// The request that failed.
        request: RequestLine,
        /// The server's address.
        host: String,
        /// Why, in the transport's words.
        reason: String,
        /// The transport's error.
        #[source]
        source: Option<Cause>,
    },

    /// The server's certificate is not trusted, or TLS failed otherwise. It is not tried again.
    #[error("{request}: no secure connection to {host}: {reason}")]
    #[non_exhaustive]
    Tls {
        /// The request that failed.
        request: RequestLine,
        /// The server's address.
        host: String,
        /// Why, in the TLS library's words.
        reason: String,
        /// What to do about it.
        hint: Option<Hint>,
        /// The transport's error.
        #[source]
        source: Option<Cause>,
    },

    /// The server did not answer in time, at the last of all attempts. Whether it did what was asked is not
    /// known; the same call again finds out.
    #[error("{request}: no response within {} s", .timeout.as_secs_f64())]
    #[non_exhaustive]
    Timeout {
        /// The request that failed.
        request: RequestLine,
        /// The time that one attempt, or all of them together, may take.
        timeout: Duration,
    },

    /// No access token was given (RFC 6749, section 5.2): the credentials are wrong, or the sign-in is not
    /// allowed. It is not tried again, as wrong passwords count towards a lock-out; for 30 s the manager and
    /// its clones give the same error without asking the server.
    #[error("cannot sign in as `{who}` to the realm `{realm}`: {reason}")]
    #[non_exhaustive]
    TokenRetrieval {
        /// The user name or client id.
        who: String,
        /// The realm of the sign-in.
        realm: String,
        /// The server's words, and what to check.
        reason: String,
        /// The request that told it, if one did.
        request: Option<RequestLine>,
    },

    /// The server did not accept a token that it had just issued (401), or what a
    /// [`session`](crate::ClientManagerBuilder::session) signs in with, if that is anything at all.
    #[error("{request}: the server does not accept the request as signed in ({message})")]
    #[non_exhaustive]
    Unauthorized {
        /// The request that failed.
        request: RequestLine,
        /// The server's words.
        message: String,
    },

    /// The signed-in user lacks a role (403), or sees no client at all (200 with an empty list).
    #[error("{request}: permission denied; the signed-in user needs {needs}")]
    #[non_exhaustive]
    Forbidden {
        /// The request that failed.
        request: RequestLine,
        /// The role that is missing and where it belongs.
        needs: String,
    },

    /// The thing does not exist (404, or it is not in the list).
    #[error("{what} `{name}` does not exist in the realm `{realm}`")]
    #[non_exhaustive]
    NotFound {
        /// What was looked for: `client`, `user`.
        what: &'static str,
        /// Its name or uuid.
        name: String,
        /// The realm that was searched.
        realm: String,
        /// What to do about it.
        hint: Option<Hint>,
        /// The request that told it, if one did.
        request: Option<RequestLine>,
    },

    /// The managed realm does not exist.
    #[error("the realm `{realm}` does not exist at {host}")]
    #[non_exhaustive]
    RealmNotFound {
        /// The realm's name as given.
        realm: String,
        /// The host that was asked.
        host: String,
        /// The request that told it, if one did.
        request: Option<RequestLine>,
    },

    /// Role names that the realm does not have; nothing was written.
    #[error("unknown role{} in the realm `{realm}`: {}", if .unknown.len() == 1 { "" } else { "s" }, list(.unknown))]
    #[non_exhaustive]
    UnknownRoles {
        /// The realm that was searched.
        realm: String,
        /// Each unknown name, with the nearest existing one where there is one.
        unknown: Vec<UnknownRole>,
    },

    /// The name is taken (409), by another client or by a user; or others kept changing the thing at the
    /// same time.
    #[error("conflict over the {what} `{name}`: {reason}")]
    #[non_exhaustive]
    Conflict {
        /// What `name` is the name of: `client`, `user`, `role`.
        what: &'static str,
        /// The client id, or the client's uuid where only that was given; the user's uuid; the role's name.
        name: String,
        /// By what it is taken or who changes it, in our and the server's words.
        reason: String,
        /// What to do about it, where that is a call of another method.
        hint: Option<Hint>,
        /// The request that told it, if one did.
        request: Option<RequestLine>,
    },

    /// The client's service account is off, or it is of a kind that registering it as a service account
    /// would break; [`convert`](crate::RegisterClient::convert) allows that.
    #[error("the client `{client}` exists and {reason}; it is left as it is")]
    #[non_exhaustive]
    NotAServiceAccount {
        /// The client id, or the uuid where the client was given by that alone, as to
        /// [`client_roles`](crate::ClientManager::client_roles).
        client: String,
        /// The field that stands against it, with its value.
        reason: String,
        /// What to do about it.
        hint: Option<Hint>,
    },

    /// The server refused the request (another 4xx).
    #[error("{request}: the server refused it with {status}: {message}")]
    #[non_exhaustive]
    Rejected {
        /// The request that failed.
        request: RequestLine,
        /// The HTTP status.
        status: u16,
        /// The server's words.
        message: String,
    },

    /// The server failed (5xx), or limits requests (429). A 429, 502, 503 or 504 was the response to the last of
    /// all attempts.
    #[error("{request}: the server responded with {status}: {message}")]
    #[non_exhaustive]
    Server {
        /// The request that failed.
        request: RequestLine,
        /// The HTTP status.
        status: u16,
        /// The server's words.
        message: String,
        /// How long the server wants to be left alone (`Retry-After` in seconds, RFC 9110, section 10.2.3),
        /// if it said so.
        retry_after: Option<Duration>,
    },

    /// The answer was not what Keycloak sends; its content is not repeated here.
    #[error("{request}: unexpected answer: {reason}")]
    #[non_exhaustive]
    Protocol {
        /// The request that failed.
        request: RequestLine,
        /// What was expected.
        reason: String,
    },

    /// The HTTP client cannot be set up.
    #[error("cannot set up the HTTP client: {reason}")]
    #[non_exhaustive]
    HttpClient {
        /// The TLS library's words.
        reason: String,
    },

    /// The client is one that kdb Insights Enterprise or Keycloak itself needs; nothing was changed.
    /// `allow_builtin(true)` allows it.
    #[error("the client `{client_id}` belongs to the platform or to Keycloak itself, and was not changed")]
    #[non_exhaustive]
    Builtin {
        /// The client id.
        client_id: String,
    },

    /// All roles of the realm `master` were asked for, which include `admin`; nothing was changed.
    /// `allow_master_roles(true)` allows it.
    #[error("all roles of the realm `{realm}` include `admin`, the right to do everything")]
    #[non_exhaustive]
    MasterRoles {
        /// The realm.
        realm: String,
    },

    /// The work was cancelled before this item was begun; nothing was sent for it.
    #[error("cancelled before it was begun")]
    Cancelled,

    /// A call without async (feature `blocking`) was made where none can be; nothing was sent.
    #[error("no blocking call can be made here: {reason}")]
    #[non_exhaustive]
    Blocking {
        /// Why not, and what to do instead.
        reason: String,
    },

    /// The operating system gave no random bytes for a secret or a uuid.
    #[error("the operating system gives no random numbers: {reason}")]
    #[non_exhaustive]
    Randomness {
        /// The system's words.
        reason: String,
    },
}

impl Error {
    pub(crate) fn invalid(parameter: &'static str, reason: impl Into<String>) -> Self {
        Self::InvalidParameter { parameter, reason: reason.into(), hint: None }
    }

    pub(crate) fn timeout(request: RequestLine, timeout: Duration) -> Self {
        Self::Timeout { request, timeout }
    }
}

fn list(unknown: &[UnknownRole]) -> String {
    unknown.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
