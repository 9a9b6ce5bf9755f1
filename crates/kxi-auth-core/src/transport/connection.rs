//! The checked parameters of a connection: where the server is, and how to sign in.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::transport::retry::RetryPolicy;
use secrecy::SecretString;

/// Everything that a manager needs to connect to its server.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    /// Base URL of kdb Insights Enterprise, without a trailing slash.
    pub(crate) host: String,
    /// Base URL to search for Keycloak: the host, unless Keycloak has its own address.
    pub(crate) server: String,
    /// Base URL of the Admin API with its path, if it is not that of Keycloak.
    pub(crate) admin_server: Option<String>,
    /// The realm that is managed.
    pub(crate) realm: String,
    /// The realm that the admin signs in to.
    pub(crate) admin_realm: String,
    pub(crate) credentials: Credentials,
    /// Time limit for one attempt of a request.
    pub(crate) timeout: Duration,
    pub(crate) policy: RetryPolicy,
    /// The longest body of a list, in bytes.
    pub(crate) response_limit: usize,
    /// The path of Keycloak below the host, if it is known; empty for the root. Skips the search.
    pub(crate) base_path: Option<String>,
    /// Certificates in PEM format, trusted in addition to the system's.
    pub(crate) ca_certificate: Option<Vec<u8>>,
    /// The proxy's URL, which can contain a password.
    pub(crate) proxy: Option<SecretString>,
    pub(crate) user_agent: String,
    /// Client IDs to guard in addition to the known built-in clients.
    pub(crate) builtin: Vec<String>,
    pub(crate) on_write: WriteHook,
    #[cfg_attr(not(feature = "blocking"), expect(dead_code, reason = "only blocking calls read it"))]
    pub(crate) runtime: Runtime,
}

/// The caller's hook, called before each request that changes something on the server.
#[derive(Clone, Default)]
pub(crate) struct WriteHook(pub(crate) Option<Arc<dyn Fn() + Send + Sync>>);

impl WriteHook {
    pub(crate) fn call(&self) {
        if let Some(hook) = &self.0 {
            hook();
        }
    }
}

impl fmt::Debug for WriteHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "set" } else { "none" })
    }
}

/// The runtime that a manager's connections belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runtime {
    /// The caller's runtime.
    Callers,
    /// The runtime behind the blocking calls.
    #[cfg(feature = "blocking")]
    Blocking,
}

/// How to sign in.
#[derive(Debug, Clone)]
pub(crate) enum Credentials {
    /// As a user, through `admin-cli` (RFC 6749, section 4.3).
    Password { username: String, password: SecretString },
    /// As a client with a service account (RFC 6749, section 4.4).
    Client { id: String, secret: SecretString },
    /// Not at all: the caller's HTTP client sends what the server requires.
    Session(HttpClient),
}

/// A `reqwest` client with a `Debug` that shows nothing. The `Debug` of reqwest prints default headers, which
/// can contain a token, and proxy addresses, which can contain a password.
#[derive(Clone)]
pub(crate) struct HttpClient(pub(crate) reqwest::Client);

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}
