//! The parameters of a connection, checked: where the server is and who signs in.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::transport::retry::RetryPolicy;
use secrecy::SecretString;

/// Everything that one manager needs to know about its server.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    /// Base URL of the instance, without a trailing slash.
    pub(crate) host: String,
    /// Base URL where Keycloak is looked for: the host, unless it has an address of its own.
    pub(crate) server: String,
    /// The realm that is managed.
    pub(crate) realm: String,
    /// The realm that the admin signs in to.
    pub(crate) admin_realm: String,
    pub(crate) credentials: Credentials,
    /// For one attempt of one request.
    pub(crate) timeout: Duration,
    pub(crate) policy: RetryPolicy,
    /// Replaces the probe: the path below the host where Keycloak is; empty for the root.
    pub(crate) base_path: Option<String>,
    /// Certificates in PEM form, trusted beside the system's.
    pub(crate) ca_certificate: Option<Vec<u8>>,
    /// The proxy's URL, which can hold a password.
    pub(crate) proxy: Option<SecretString>,
    pub(crate) user_agent: String,
    /// Client ids that are guarded beside the known ones.
    pub(crate) builtin: Vec<String>,
    pub(crate) on_write: WriteHook,
    #[cfg_attr(not(feature = "blocking"), expect(dead_code, reason = "only a blocking call asks"))]
    pub(crate) runtime: Runtime,
}

/// What is called before each request that changes something on the server.
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

/// Which runtime the connections of a manager belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runtime {
    /// The caller's.
    Callers,
    /// The one behind the blocking calls.
    #[cfg(feature = "blocking")]
    Blocking,
}

/// Who signs in.
#[derive(Debug, Clone)]
pub(crate) enum Credentials {
    /// A user, through `admin-cli` (RFC 6749, 4.3).
    Password { username: String, password: SecretString },
    /// A client with a service account of its own (RFC 6749, 4.4).
    Client { id: String, secret: SecretString },
    /// Nobody: the caller's HTTP client carries what the server wants.
    Session(HttpClient),
}

/// A `reqwest` client whose `Debug` shows nothing: reqwest's own prints default headers, and with them
/// a session's token, and the addresses of proxies, and with them passwords.
#[derive(Clone)]
pub(crate) struct HttpClient(pub(crate) reqwest::Client);

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}
