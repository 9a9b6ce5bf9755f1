#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::error::Error;
use crate::manager::ClientManager;
use crate::manager::parameters::{self, required};
use crate::manager::sign_in::SignIn;
use crate::transport::budget::LIMIT;
use crate::transport::connection::{Connection, Runtime, WriteHook};
use crate::transport::retry::RetryPolicy;

/// Collects the parameters of a [`ClientManager`]. Nothing is sent before the manager is used.
///
/// The builder reads no environment variables. Use [`ClientManager::from_env`] to read the parameters from
/// the environment, and [`proxy`](Self::proxy) to set a proxy.
///
/// The setters can be called in any order. If one is called twice, the last call counts. The ways to sign in
/// replace one another in the same way: [`username`](Self::username) and [`password`](Self::password)
/// (together), [`admin_client`](Self::admin_client) and [`session`](Self::session).
///
/// If the server rejects a sign-in, the manager does not retry it for 30 s, because wrong passwords count
/// towards a lockout. During that time its operations return the same [`Error::TokenRetrieval`].
///
/// Source: the constructor of the Python class. `host`, `username`, `password`, `realm`, `timeout` and
/// `session` have the same names and defaults. `keycloak_url` and `retries` come from KX's other Python
/// clients. The other parameters are specific to this crate.
///
/// # Examples
///
/// ```
/// use kxi_auth_core::{ClientManager, SecretString};
///
/// let manager = ClientManager::builder()
///     .host("https://insights.example.com")
///     .username("admin")
///     .password(SecretString::from("the admin's password"))
///     .build()?;
/// # Ok::<(), kxi_auth_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientManagerBuilder {
    host: Option<String>,
    keycloak_url: Option<String>,
    admin_url: Option<String>,
    pub(super) sign_in: SignIn,
    realm: Option<String>,
    admin_realm: Option<String>,
    base_path: Option<String>,
    timeout: Option<Duration>,
    retries: Option<usize>,
    total_timeout: Option<Duration>,
    response_limit: Option<usize>,
    ca_certificate: Option<Vec<u8>>,
    proxy: Option<SecretString>,
    user_agent: Option<String>,
    builtin: Vec<String>,
    on_write: WriteHook,
}

impl ClientManager {
    /// Returns a builder for a manager. [`host`](ClientManagerBuilder::host) and a way to sign in are
    /// required.
    ///
    /// Source: the constructor of the Python class.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::{ClientManager, SecretString};
    /// let builder = ClientManager::builder().host("https://insights.example.com").username("admin");
    /// let manager = builder.password(SecretString::from("the admin's password")).build()?;
    /// # Ok::<(), kxi_auth_core::Error>(())
    /// ```
    pub fn builder() -> ClientManagerBuilder {
        ClientManagerBuilder::default()
    }
}

impl ClientManagerBuilder {
    /// The address of kdb Insights Enterprise, a URL with a scheme. Required. Trailing slashes are removed. A
    /// URL with credentials, a query or a fragment is rejected.
    ///
    /// The manager looks for Keycloak at the root of this address (kdb Insights Enterprise 1.17 and later),
    /// then under `/auth`, and remembers where it was found.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::ClientManager;
    /// let builder = ClientManager::builder().host("https://insights.example.com");
    /// ```
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The base URL of Keycloak if it is not below the host. Default: the host. The manager looks for
    /// Keycloak at this URL in the same way as below the host.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::ClientManager;
    /// let builder = ClientManager::builder()
    ///     .host("https://insights.example.com")
    ///     .keycloak_url("https://keycloak.example.com");
    /// ```
    pub fn keycloak_url(mut self, url: impl Into<String>) -> Self {
        self.keycloak_url = Some(url.into());
        self
    }

    /// The base URL of Keycloak's Admin API if it has its own address, with its path, as in Keycloak's option
    /// `hostname-admin`. Default: the address where Keycloak was found.
    ///
    /// Sign-ins still go to Keycloak's own address, and the access token then goes to this one, so it must be as
    /// trustworthy. It is never taken from a response.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::ClientManager;
    /// let builder = ClientManager::builder()
    ///     .host("https://insights.example.com")
    ///     .admin_url("https://keycloak-admin.example.com/auth");
    /// ```
    pub fn admin_url(mut self, url: impl Into<String>) -> Self {
        self.admin_url = Some(url.into());
        self
    }

    /// The name of the managed realm, case-sensitive. Default: `insights`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::ClientManager;
    /// let builder = ClientManager::builder().realm("insights-test");
    /// ```
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// The name of the realm that the admin user or client belongs to, case-sensitive. Default: `master`. An
    /// admin can also belong to the managed realm itself (observed on Keycloak 26.7.3).
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::ClientManager;
    /// let builder = ClientManager::builder().admin_realm("insights").username("realm-admin");
    /// ```
    pub fn admin_realm(mut self, realm: impl Into<String>) -> Self {
        self.admin_realm = Some(realm.into());
        self
    }

    /// The path of Keycloak below the host, or below [`keycloak_url`](Self::keycloak_url) if it is set: `/`,
    /// `/auth` or another path. Default: the manager finds the path itself, which takes one or two requests.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::ClientManager;
    /// let builder = ClientManager::builder().base_path("/auth");
    /// ```
    pub fn base_path(mut self, path: impl Into<String>) -> Self {
        self.base_path = Some(path.into());
        self
    }

    /// The time limit for one attempt of a request, including reading the whole response. Default: 15 s.
    /// Zero is rejected.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {kxi_auth_core::ClientManager, std::time::Duration};
    /// let builder = ClientManager::builder().timeout(Duration::from_secs(5));
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How often a request is retried after a connection failure, a timeout, a 429, 502, 503 or 504, or a
    /// race inside the server that a retry resolves. Default: 5. 0 turns retries off. While the manager looks
    /// for Keycloak and signs in, another 5xx and a response that is not from Keycloak are retried once, because a
    /// gateway may have no route to Keycloak for a moment. So is a 500 to a read. A rejected sign-in is never retried.
    ///
    /// The pauses start at 100 ms, double each time and have a random part. If the server sends
    /// `Retry-After` (RFC 9110, section 10.2.3), the pause is at least that long.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::ClientManager;
    /// let builder = ClientManager::builder().retries(0);
    /// ```
    pub fn retries(mut self, retries: usize) -> Self {
        self.retries = Some(retries);
        self
    }

    /// The time limit for all attempts of a request, including the pauses between them. Default: 60 s. Zero
    /// is rejected.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {kxi_auth_core::ClientManager, std::time::Duration};
    /// let builder = ClientManager::builder().total_timeout(Duration::from_secs(20));
    /// ```
    pub fn total_timeout(mut self, total: Duration) -> Self {
        self.total_timeout = Some(total);
        self
    }

    /// The longest body of a list, in bytes: a page of at most 64 clients, or all roles of the realm. Default: 16 MiB.
    /// Less than 1 MiB is rejected. A longer one is [`Error::ResponseTooLarge`].
    ///
    /// The limit of a single client, user or secret is a sixteenth of it (1 MiB), and that of the roles of one account or
    /// composite role an eighth (2 MiB). A token, an error and the description of a realm have a limit of 1 MiB of their
    /// own. The content, decoded, may take three times this limit, that of a page of clients one and a half times, and
    /// that of a single client three sixteenths. If the HTTP client of a
    /// [`session`](Self::session) decompresses, the limits are those of the decompressed body.
    ///
    /// A manager and its clones share one budget. They read at most 32 bodies at a time, only one of them longer than
    /// 512 KiB, and decode at most three times this limit at a time. With the default, responses and what bulk
    /// operations keep of them take less than 200 MiB, whatever the server sends, and a list of clients that is awaited
    /// whole. Such a list takes at most six times this limit (96 MiB): 8,000 service accounts with details, or 200,000
    /// without. A longer one is [`Error::ResponseTooLarge`]; read it as a [`stream`](crate::ListClients::stream), keep less
    /// of it with a [`filter`](crate::ListClientDetails::filter), or raise this limit.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::ClientManager;
    /// let builder = ClientManager::builder().response_limit(64 * 1024 * 1024);
    /// ```
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.response_limit = Some(bytes);
        self
    }

    /// One or more CA certificates in PEM format (RFC 7468, section 5), trusted in addition to the system's.
    /// Default: only the system's certificates.
    ///
    /// A self-signed certificate that the server itself uses is accepted if it is among them, byte for byte. Its name
    /// and its validity period are checked.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::ClientManager;
    /// let builder = ClientManager::builder().ca_certificate(std::fs::read("company-ca.pem")?);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn ca_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_certificate = Some(pem.into());
        self
    }

    /// A proxy for every request. The URL can contain a user name and password, and is never shown. Default:
    /// no proxy, even if the environment sets one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::{ClientManager, SecretString};
    /// let proxy = SecretString::from("http://proxy.example.com:3128");
    /// let builder = ClientManager::builder().proxy(proxy);
    /// ```
    pub fn proxy(mut self, url: SecretString) -> Self {
        self.proxy = Some(url);
        self
    }

    /// The `User-Agent` header (RFC 9110, section 10.1.5). Default: `kxi-auth/` and this crate's version.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::ClientManager;
    /// let builder = ClientManager::builder().user_agent("deployer/1.2");
    /// ```
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// Client IDs to guard against changes and deletion, in addition to the built-in clients: `account`,
    /// `account-console`, `admin-cli`, `broker`, `insights-app`, `realm-management` and
    /// `security-admin-console`. Each call adds to the earlier calls.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::ClientManager;
    /// let builder = ClientManager::builder().builtin_clients(["insights-operator", "insights-gui"]);
    /// ```
    pub fn builtin_clients<I>(mut self, ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.builtin.extend(ids.into_iter().map(Into::into));
        self
    }

    /// A hook that is called before each request that changes something in the realm: every request except
    /// `GET` and sign-ins. It is called again for each retry. Default: no hook.
    ///
    /// Use it to find out whether anything may have been changed, for example after an interrupt. The hook
    /// must return quickly and must not block.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::ClientManager;
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicBool, Ordering};
    ///
    /// let changing = Arc::new(AtomicBool::new(false));
    /// let flag = Arc::clone(&changing);
    /// let builder = ClientManager::builder().on_write(move || flag.store(true, Ordering::Relaxed));
    /// ```
    pub fn on_write(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.on_write = WriteHook(Some(Arc::new(hook)));
        self
    }

    /// Checks the parameters and creates the manager. Nothing is sent, so a wrong password or address is
    /// reported by the first operation.
    ///
    /// # Errors
    ///
    /// [`Error::MissingParameter`] or [`Error::InvalidParameter`], which name the parameter.
    /// [`Error::HttpClient`] if TLS cannot be set up on this machine.
    ///
    /// # Examples
    ///
    /// ```
    /// use kxi_auth_core::{ClientManager, Error};
    ///
    /// let error = ClientManager::builder().host("https://insights.example.com").username("admin").build();
    /// assert!(matches!(error, Err(Error::MissingParameter { parameter: "password", .. })));
    /// ```
    pub fn build(self) -> Result<ClientManager, Error> {
        self.build_for(Runtime::Callers)
    }

    pub(crate) fn build_for(self, runtime: Runtime) -> Result<ClientManager, Error> {
        let host = parameters::host("host", required(self.host.as_deref(), "host", "INSIGHTS_URL")?)?;
        let credentials = self.sign_in.credentials()?;
        let server = self
            .keycloak_url
            .map_or_else(|| Ok(host.clone()), |url| parameters::host("keycloak_url", &url))?;
        let admin_server = self.admin_url.map(|url| parameters::host("admin_url", &url)).transpose()?;
        let policy = RetryPolicy {
            retries: self.retries.unwrap_or(5),
            total: parameters::timeout(
                "total timeout",
                self.total_timeout.unwrap_or(Duration::from_mins(1)),
            )?,
        };
        let user_agent =
            self.user_agent.unwrap_or_else(|| concat!("kxi-auth/", env!("CARGO_PKG_VERSION")).to_owned());
        ClientManager::new(Connection {
            host,
            server,
            admin_server,
            credentials,
            realm: parameters::realm("realm", self.realm.as_deref().unwrap_or("insights"))?,
            admin_realm: parameters::realm("admin realm", self.admin_realm.as_deref().unwrap_or("master"))?,
            base_path: self.base_path.as_deref().map(parameters::base_path).transpose()?,
            timeout: parameters::timeout("timeout", self.timeout.unwrap_or(Duration::from_secs(15)))?,
            policy,
            response_limit: parameters::response_limit(self.response_limit.unwrap_or(LIMIT))?,
            ca_certificate: self.ca_certificate,
            proxy: self.proxy,
            user_agent,
            builtin: self.builtin,
            on_write: self.on_write,
            runtime,
        })
    }
}
