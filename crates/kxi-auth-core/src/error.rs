use std::fmt;
use std::sync::Arc;
use std::time::Duration;

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
    #[error("missing parameter `{parameter}` (in the environment: {variable})")]
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
    #[error("no Keycloak found at {host}: {answers}; check the address, and the path if it has one")]
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

    /// The server's certificate is not trusted, or TLS failed otherwise.
    #[error(
        "{request}: no secure connection to {host}: {reason}; if its certificate is from a CA of your own, give that"
    )]
    Tls {
        /// The request that failed.
        request: RequestLine,
        /// The server's address.
        host: String,
        /// Why, in the TLS library's words.
        reason: String,
        /// The transport's error.
        #[source]
        source: Option<Cause>,
    },

    /// The server did not answer in time.
    #[error("{request}: no answer within {} s; raise the timeout or check the server", .timeout.as_secs_f64())]
    Timeout {
        /// The request that failed.
        request: RequestLine,
        /// The time that one attempt, or all of them together, may take.
        timeout: Duration,
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

    /// Role names that the realm does not have; nothing was written.
    #[error("unknown role{} in the realm `{realm}`: {}", if .unknown.len() == 1 { "" } else { "s" }, .unknown.join(", "))]
    UnknownRoles {
        /// The realm that was searched.
        realm: String,
        /// Each unknown name in backticks, with the nearest existing one where there is one.
        unknown: Vec<String>,
    },

    /// The name is taken (409).
    #[error("conflict over the client `{client_id}`: {reason}")]
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
        /// When the server wants to be asked again (`Retry-After`), if it said so.
        retry_after: Option<Duration>,
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

    /// The client is one that kdb Insights Enterprise or Keycloak itself needs; nothing was changed.
    #[error(
        "the client `{client_id}` belongs to the platform or to Keycloak itself and is left as it is; allow it with `allow_builtin(true)` if you mean it"
    )]
    Builtin {
        /// The client id.
        client_id: String,
    },

    /// All roles of the realm `master` were asked for, which include `admin`; nothing was changed.
    #[error(
        "all roles of the realm `{realm}` include `admin`, the right to do everything; name the roles, or allow it with `allow_master_roles(true)`"
    )]
    MasterRoles {
        /// The realm.
        realm: String,
    },

    /// The work was cancelled before this item was begun; nothing was sent for it.
    #[error("cancelled before it was begun")]
    Cancelled,

    /// A call without async (feature `blocking`) was made where none can be; nothing was sent.
    #[error("no blocking call can be made here: {reason}")]
    Blocking {
        /// Why not, and what to do instead.
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

    /// Whether the fault lies in what was asked for, so that nothing was changed.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::MissingParameter { .. }
                | Self::InvalidParameter { .. }
                | Self::Builtin { .. }
                | Self::MasterRoles { .. }
        )
    }

    /// Whether the server could not be reached, did not answer in time or failed.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(
            self,
            Self::Connection { .. }
                | Self::Tls { .. }
                | Self::Timeout { .. }
                | Self::Server { .. }
                | Self::EndpointNotFound { .. }
        )
    }

    pub(crate) fn invalid(parameter: &'static str, reason: impl Into<String>) -> Self {
        Self::InvalidParameter { parameter, reason: reason.into() }
    }

    pub(crate) fn timeout(request: RequestLine, timeout: Duration) -> Self {
        Self::Timeout { request, timeout }
    }

    /// Maps a transport failure. The URL is taken out of the cause: its place is the request line.
    pub(crate) fn transport(
        request: RequestLine,
        host: &str,
        timeout: Duration,
        cause: reqwest::Error,
    ) -> Self {
        if cause.is_timeout() {
            return Self::Timeout { request, timeout };
        }
        let cause = cause.without_url();
        let (host, reason, tls) = (host.to_owned(), innermost(&cause), is_tls(&cause));
        let source = Some(Cause(Arc::new(cause)));
        if tls {
            Self::Tls { request, host, reason, source }
        } else {
            Self::Connection { request, host, reason, source }
        }
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

/// Whether a handshake failed. Both TLS libraries come wrapped in I/O errors; rustls says what it is,
/// of OpenSSL there is the text alone.
fn is_tls(error: &reqwest::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if text.contains("invalid peer certificate") || text.contains("certificate verify failed") {
            return true;
        }
        // A server that speaks plain HTTP, or another protocol version.
        if text.contains("InvalidContentType")
            || text.contains("received fatal alert")
            || text.contains("corrupt message")
        {
            return true;
        }
        cause = error.source();
    }
    false
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

/// Method and path of a request, as an error names it: `GET /admin/realms/insights/clients`, with the
/// id that a gateway gave the request where its answer had one (`X-Request-Id`).
///
/// # Examples
///
/// ```
/// # use kxi_auth_core::Error;
/// fn request_of(error: &Error) -> Option<String> {
///     match error {
///         Error::Rejected { request, .. } => Some(request.to_string()),
///         _ => None,
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestLine {
    /// The HTTP method.
    pub method: &'static str,
    /// The path below the base address, without the query.
    pub path: String,
    /// The gateway's id of the request.
    pub request_id: Option<String>,
    /// The path with placeholders for what is in it, for traces.
    pub(crate) template: &'static str,
}

impl RequestLine {
    /// `template` is the path with `{placeholders}`, which `values` replace in their order.
    pub(crate) fn new(method: &'static str, template: &'static str, values: &[&str]) -> Self {
        let mut path = String::with_capacity(template.len());
        let mut values = values.iter();
        for segment in template.split('/').skip(1) {
            path.push('/');
            path.push_str(if segment.starts_with('{') { values.next().unwrap_or(&segment) } else { segment });
        }
        Self { method, path, request_id: None, template }
    }
}

impl fmt::Display for RequestLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The path can hold an id that the server gave: a control character must not reach a terminal.
        write!(f, "{} {}", self.method, self.path.escape_debug())?;
        match &self.request_id {
            Some(id) => write!(f, " (request {})", id.escape_debug()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_line_names_what_was_asked() {
        let line = RequestLine::new("GET", "/admin/realms/{realm}/clients/{client-uuid}", &["a/b", "u\n1"]);
        assert_eq!(line.to_string(), "GET /admin/realms/a/b/clients/u\\n1");
        let behind_a_gateway = RequestLine { request_id: Some("r1".to_owned()), ..line };
        assert!(behind_a_gateway.to_string().ends_with("(request r1)"));
    }
}
