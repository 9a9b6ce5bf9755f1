#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::error::Error;
use crate::manager::ClientManager;
use crate::manager::parameters::{self, required};
use crate::manager::sign_in::SignIn;
use crate::transport::connection::{Connection, Runtime, WriteHook};
use crate::transport::retry::RetryPolicy;

/// Collects the parameters of a [`ClientManager`]. Nothing is sent before the manager is used. The
/// environment is not read, nor the proxy variables of the process: [`ClientManager::from_env`] does
/// the first, [`proxy`](Self::proxy) sets the second.
///
/// Every setter can be called in any order; of two calls the last one counts. That holds for the ways
/// to sign in too: [`username`](Self::username) and [`password`](Self::password) (together),
/// [`admin_client`](Self::admin_client) and [`session`](Self::session) replace one another.
///
/// A sign-in that the server has refused is not tried again by the manager for 30 s: its operations
/// return the same [`Error::TokenRetrieval`] meanwhile, as wrong passwords count towards a lock-out.
///
/// Source: the constructor of the Python class, whose names and defaults are kept (`host`, `username`,
/// `password`, `realm`, `timeout`, `session`); `keycloak_url` and `retries` are those of KX's other
/// Python clients, the rest is this crate's own.
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
    pub(super) sign_in: SignIn,
    realm: Option<String>,
    admin_realm: Option<String>,
    base_path: Option<String>,
    timeout: Option<Duration>,
    retries: Option<usize>,
    total_timeout: Option<Duration>,
    ca_certificate: Option<Vec<u8>>,
    proxy: Option<SecretString>,
    user_agent: Option<String>,
    builtin: Vec<String>,
    on_write: WriteHook,
}

impl ClientManager {
    /// Starts a manager: [`host`](ClientManagerBuilder::host) and a way to sign in are required.
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
    /// The address of kdb Insights Enterprise, a URL with its scheme. Required. A slash at its end is taken
    /// off; credentials, a query or a fragment in it are refused.
    ///
    /// Keycloak is looked for at its root (kdb Insights Enterprise 1.17 and later), then under `/auth`;
    /// where it was found is remembered.
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

    /// Base URL of Keycloak where it is not below the host. Default: the host. It is looked for there as
    /// below the host.
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

    /// Name of the realm whose clients are managed, case-sensitive. Default: `insights`.
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

    /// Name of the realm that the admin user or client belongs to, case-sensitive. Default: `master`. A
    /// realm can also be managed by an admin of its own (seen on Keycloak 26.7.3).
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

    /// Where Keycloak is below the host, `/` or `/auth` or another path, instead of probing for it, which
    /// spares one or two requests. Default: probing.
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

    /// How long one attempt of one request may take, its whole answer included. Default: 15 s. Zero is
    /// refused.
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

    /// How often a request is repeated after a connection failure, a timeout, a 429, 502, 503 or 504, and
    /// the races of the server that a repetition solves. Default: 5; 0 for never. A refused sign-in
    /// is never repeated.
    ///
    /// The pauses start at 100 ms, double, and have a random part; where the server says `Retry-After`
    /// (RFC 9110, section 10.2.3), it is waited for.
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

    /// How long all attempts of one request and the pauses between them may take. Default: 60 s. Zero is
    /// refused.
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

    /// One or more CA certificates in PEM form (RFC 7468, section 5), trusted beside the system's.
    /// Default: the system's alone.
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

    /// A proxy for every request; its URL can hold a user name and password, and is never shown. Default:
    /// none, whatever the process's environment says.
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

    /// The `User-Agent` header (RFC 9110, section 10.1.5). Default: `kxi-auth/` and the version.
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

    /// More client ids to guard against update and delete, beside those that the platform and Keycloak
    /// need: `account`, `account-console`, `admin-cli`, `broker`, `insights-app`, `realm-management`,
    /// `security-admin-console`. Each call adds to the former ones.
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

    /// Called before each request that changes something in the realm: any that is not a `GET`, but for
    /// sign-ins. It is called again where a request is tried again. Default: nothing is called.
    ///
    /// For who has to know whether anything can have been changed, such as a program that is interrupted. It
    /// must return soon, and must not block.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::ClientManager;
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicBool, Ordering};
    ///
    /// let changing = Arc::new(AtomicBool::new(false));
    /// let seen = Arc::clone(&changing);
    /// let builder = ClientManager::builder().on_write(move || seen.store(true, Ordering::Relaxed));
    /// ```
    pub fn on_write(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.on_write = WriteHook(Some(Arc::new(hook)));
        self
    }

    /// Checks the parameters and makes the manager. Nothing is sent: a wrong password or address is told
    /// by the first operation.
    ///
    /// # Errors
    ///
    /// [`Error::MissingParameter`] or [`Error::InvalidParameter`], naming the parameter;
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
            credentials,
            realm: parameters::realm("realm", self.realm.as_deref().unwrap_or("insights"))?,
            admin_realm: parameters::realm("admin realm", self.admin_realm.as_deref().unwrap_or("master"))?,
            base_path: self.base_path.as_deref().map(parameters::base_path).transpose()?,
            timeout: parameters::timeout("timeout", self.timeout.unwrap_or(Duration::from_secs(15)))?,
            policy,
            ca_certificate: self.ca_certificate,
            proxy: self.proxy,
            user_agent,
            builtin: self.builtin,
            on_write: self.on_write,
            runtime,
        })
    }
}
