use std::fmt;
use std::sync::Arc;

/// What went wrong, in kinds that a caller can match.
///
/// Every message names the thing, the reason and, where there is one, the remedy. None holds a
/// secret or a token. The cause, where there is one, is only in [`source`](std::error::Error::source).
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
    /// A parameter that has no default was not given.
    #[error("missing parameter `{parameter}`: set it, or the variable {variable}")]
    MissingParameter {
        /// The builder's method.
        parameter: &'static str,
        /// The environment variable that documents it.
        variable: &'static str,
    },

    /// A parameter is wrong; nothing was sent.
    #[error("invalid {parameter}: {reason}")]
    InvalidParameter {
        /// The parameter's name.
        parameter: &'static str,
        /// What is wrong with it, and what is allowed.
        reason: String,
    },

    /// No Keycloak was found under the host; nothing of it is remembered.
    #[error("no Keycloak found at {host}: {answers}; check the host, or set the base path")]
    EndpointNotFound {
        /// The host that was asked.
        host: String,
        /// Each address asked and what it answered.
        answers: String,
    },

    /// The server could not be reached, or the connection broke.
    #[error("{request}: cannot reach the server at {host}: {reason}")]
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

    /// The server did not answer within the timeout.
    #[error("{request}: no answer within {seconds} s; raise the timeout or check the server")]
    Timeout {
        /// The request that failed.
        request: RequestLine,
        /// The timeout of one attempt in seconds.
        seconds: f64,
    },

    /// No access token was given: the credentials are wrong, or the sign-in is not allowed.
    #[error("cannot sign in as `{who}` to the realm `{realm}`: {reason}")]
    TokenRetrieval {
        /// The user name or client id.
        who: String,
        /// The realm of the sign-in.
        realm: String,
        /// The server's words, and what to check.
        reason: String,
    },

    /// The server did not accept a token that it had just issued (401).
    #[error("{request}: the server does not accept the access token that it issued ({message})")]
    Unauthorized {
        /// The request that failed.
        request: RequestLine,
        /// The server's words.
        message: String,
    },

    /// The signed-in user lacks a role (403).
    #[error("{request}: permission denied; the signed-in user needs {needs}")]
    Forbidden {
        /// The request that failed.
        request: RequestLine,
        /// The role that is missing and where it belongs.
        needs: String,
    },

    /// The thing does not exist.
    #[error("{what} `{name}` does not exist in the realm `{realm}`{hint}")]
    NotFound {
        /// What was looked for: `client`, `user`.
        what: &'static str,
        /// Its name or uuid.
        name: String,
        /// The realm that was searched.
        realm: String,
        /// What else may explain it, starting with its own punctuation; may be empty.
        hint: String,
    },

    /// The managed realm does not exist.
    #[error("the realm `{realm}` does not exist at {host}; check its name, which is case-sensitive")]
    RealmNotFound {
        /// The realm's name as given.
        realm: String,
        /// The host that was asked.
        host: String,
    },

    /// Role names that the realm does not have; nothing was sent.
    #[error("unknown role{} in the realm `{realm}`: {}", if .unknown.len() == 1 { "" } else { "s" }, .unknown.join(", "))]
    UnknownRoles {
        /// The realm that was searched.
        realm: String,
        /// Each unknown name in backticks, with the nearest existing one where there is one.
        unknown: Vec<String>,
    },

    /// The name is taken (409).
    #[error("cannot create the client `{client_id}`: {reason}")]
    Conflict {
        /// The client id.
        client_id: String,
        /// By what it is taken, in our and the server's words.
        reason: String,
    },

    /// The client is of a kind that registering it as a service account would break.
    #[error("the client `{client_id}` exists and {reason}; it is left as it is")]
    NotAServiceAccount {
        /// The client id.
        client_id: String,
        /// The field that stands against it, with its value.
        reason: String,
    },

    /// The server refused the request (another 4xx).
    #[error("{request}: the server refused it with {status}: {message}")]
    Rejected {
        /// The request that failed.
        request: RequestLine,
        /// The HTTP status.
        status: u16,
        /// The server's words.
        message: String,
    },

    /// The server failed (5xx).
    #[error("{request}: the server failed with {status}: {message}")]
    Server {
        /// The request that failed.
        request: RequestLine,
        /// The HTTP status.
        status: u16,
        /// The server's words.
        message: String,
    },

    /// The answer was not what Keycloak sends; its content is not repeated here.
    #[error("{request}: unexpected answer: {reason}")]
    Protocol {
        /// The request that failed.
        request: RequestLine,
        /// What was expected.
        reason: String,
    },

    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up: {reason}; are CA certificates installed on this machine?")]
    HttpClient {
        /// The TLS library's words.
        reason: String,
    },

    /// The operating system gave no random bytes for a secret or a uuid.
    #[error("the operating system gives no random numbers: {reason}")]
    Randomness {
        /// The system's words.
        reason: String,
    },
}

impl Error {
    /// Whether the client, realm or role does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::RealmNotFound { .. } | Self::UnknownRoles { .. })
    }

    /// Whether the name is taken.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }

    /// Whether the sign-in failed.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        matches!(self, Self::TokenRetrieval { .. } | Self::Unauthorized { .. })
    }

    /// Whether the signed-in user lacks a permission.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        matches!(self, Self::Forbidden { .. })
    }

    /// Whether the fault lies in the parameters, so that nothing was sent.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::MissingParameter { .. } | Self::InvalidParameter { .. })
    }

    /// Whether the server could not be reached, did not answer in time or failed.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(
            self,
            Self::Connection { .. }
                | Self::Timeout { .. }
                | Self::Server { .. }
                | Self::EndpointNotFound { .. }
        )
    }

    pub(crate) fn invalid(parameter: &'static str, reason: impl Into<String>) -> Self {
        Self::InvalidParameter { parameter, reason: reason.into() }
    }

    /// Maps a transport failure. The URL is taken out of the cause: its place is the request line.
    pub(crate) fn transport(request: RequestLine, host: &str, seconds: f64, cause: reqwest::Error) -> Self {
        if cause.is_timeout() {
            return Self::Timeout { request, seconds };
        }
        let cause = cause.without_url();
        let reason = innermost(&cause);
        Self::Connection { request, host: host.to_owned(), reason, source: Some(Cause(Arc::new(cause))) }
    }
}

/// The last cause of a chain: "connection refused" says more than "error sending request".
pub(crate) fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string()
}

/// A shared cause: errors are handed to every caller that waited for the same sign-in.
#[derive(Debug, Clone)]
pub struct Cause(Arc<dyn std::error::Error + Send + Sync>);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// Method and path of a request, as an error names it: `GET /admin/realms/insights/clients`.
///
/// # Examples
///
/// ```
/// # use kxi_auth_core::RequestLine;
/// assert_eq!(RequestLine::new("GET", "/realms/insights").to_string(), "GET /realms/insights");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestLine {
    /// The HTTP method.
    pub method: &'static str,
    /// The path below the base address, without the query.
    pub path: String,
}

impl RequestLine {
    /// A request line of `method` and `path`.
    #[must_use]
    pub fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self { method, path: path.into() }
    }
}

impl fmt::Display for RequestLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The path can hold an id that the server gave: a control character must not reach a terminal.
        write!(f, "{} {}", self.method, self.path.escape_debug())
    }
}
