use std::time::Duration;

use secrecy::SecretString;

use crate::connection::{self, Connection, Credentials};
use crate::error::Error;
use crate::manager::ClientManager;
use crate::retry::RetryPolicy;

/// Collects the parameters of a [`ClientManager`]. Nothing is sent before the manager is used. The
/// environment is not read, nor the proxy variables of the process: [`ClientManager::from_env`] does
/// the first, [`proxy`](Self::proxy) sets the second.
///
/// Source: the constructor of the Python class, whose names and defaults are kept.
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
    username: Option<String>,
    password: Option<SecretString>,
    admin_client: Option<(String, SecretString)>,
    session: Option<reqwest::Client>,
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
}

impl ClientManagerBuilder {
    /// Base URL of the kdb Insights Enterprise instance, for example `https://insights.example.com`.
    /// Required. Keycloak is looked for at its root, then under `/auth`.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// Base URL of Keycloak where it is not below the host. Default: the host.
    pub fn keycloak_url(mut self, url: impl Into<String>) -> Self {
        self.keycloak_url = Some(url.into());
        self
    }

    /// Keycloak admin user. Required unless [`admin_client`](Self::admin_client) or
    /// [`session`](Self::session) is given.
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }

    /// The admin user's password. Required with a user name.
    pub fn password(mut self, password: SecretString) -> Self {
        self.password = Some(password);
        self
    }

    /// Signs in as a client with a service account (client credentials, RFC 6749 section 4.4)
    /// instead of a user. It must be of the [`admin_realm`](Self::admin_realm).
    pub fn admin_client(mut self, id: impl Into<String>, secret: SecretString) -> Self {
        self.admin_client = Some((id.into(), secret));
        self
    }

    /// A pre-built HTTP client that brings its own sign-in (a default `Authorization` header, a
    /// client certificate): no token is asked for, and [`ca_certificate`](Self::ca_certificate),
    /// [`proxy`](Self::proxy) and [`user_agent`](Self::user_agent) are its own affair. It should
    /// follow no redirects.
    pub fn session(mut self, session: reqwest::Client) -> Self {
        self.session = Some(session);
        self
    }

    /// The realm whose clients are managed. Default: `insights`.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// The realm that the admin user or client belongs to. Default: `master`.
    pub fn admin_realm(mut self, realm: impl Into<String>) -> Self {
        self.admin_realm = Some(realm.into());
        self
    }

    /// Where Keycloak is below the host, `/` or `/auth` or another path, instead of probing.
    pub fn base_path(mut self, path: impl Into<String>) -> Self {
        self.base_path = Some(path.into());
        self
    }

    /// How long one attempt of one request may take, its whole answer included. Default: 15 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How often a request is repeated after a connection failure, a timeout, a 502, 503 or 504, and
    /// the races of the server that a repetition solves. Default: 5; 0 for never. A refused sign-in
    /// is never repeated.
    pub fn retries(mut self, retries: usize) -> Self {
        self.retries = Some(retries);
        self
    }

    /// How long all attempts of one request and the pauses between them may take. Default: 60 s.
    pub fn total_timeout(mut self, total: Duration) -> Self {
        self.total_timeout = Some(total);
        self
    }

    /// One or more CA certificates in PEM form, trusted beside the system's.
    pub fn ca_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_certificate = Some(pem.into());
        self
    }

    /// A proxy for every request, for example `http://proxy.example.com:3128`; it can hold a user
    /// name and password. Default: none, whatever the process's environment says.
    pub fn proxy(mut self, url: SecretString) -> Self {
        self.proxy = Some(url);
        self
    }

    /// The `User-Agent` header. Default: `kxi-auth/` and the version.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// Client ids that are guarded against update and delete like those that the platform and
    /// Keycloak need: `account`, `account-console`, `admin-cli`, `broker`, `insights-app`,
    /// `realm-management`, `security-admin-console`.
    pub fn builtin_clients<I>(mut self, ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.builtin.extend(ids.into_iter().map(Into::into));
        self
    }

    /// Checks the parameters.
    ///
    /// # Errors
    ///
    /// [`Error::MissingParameter`] or [`Error::InvalidParameter`], naming the parameter;
    /// [`Error::HttpClient`] if TLS cannot be set up on this machine.
    pub fn build(self) -> Result<ClientManager, Error> {
        let credentials = self.credentials()?;
        let host = connection::host("host", &required(self.host, "host", "INSIGHTS_URL")?)?;
        let server = self
            .keycloak_url
            .map_or_else(|| Ok(host.clone()), |url| connection::host("keycloak_url", &url))?;
        let policy = RetryPolicy {
            retries: self.retries.unwrap_or(5),
            total: connection::timeout(
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
            realm: connection::realm("realm", self.realm.as_deref().unwrap_or("insights"))?,
            admin_realm: connection::realm("admin realm", self.admin_realm.as_deref().unwrap_or("master"))?,
            base_path: self.base_path.as_deref().map(connection::base_path).transpose()?,
            timeout: connection::timeout("timeout", self.timeout.unwrap_or(Duration::from_secs(15)))?,
            policy,
            ca_certificate: self.ca_certificate,
            proxy: self.proxy,
            user_agent,
            builtin: self.builtin,
        })
    }

    fn credentials(&self) -> Result<Credentials, Error> {
        if let Some(session) = &self.session {
            return Ok(Credentials::Session(session.clone()));
        }
        if let Some((id, secret)) = &self.admin_client {
            if self.username.is_some() {
                let reason = "a user name is given too; give one or the other";
                return Err(Error::invalid("admin client", reason));
            }
            return Ok(Credentials::Client { id: id.clone(), secret: secret.clone() });
        }
        Ok(Credentials::Password {
            username: required(self.username.clone(), "username", "INSIGHTS_ADMIN_USERNAME")?,
            password: required(self.password.clone(), "password", "INSIGHTS_ADMIN_PASSWORD")?,
        })
    }
}

pub(crate) fn required<T>(
    value: Option<T>,
    parameter: &'static str,
    variable: &'static str,
) -> Result<T, Error> {
    value.ok_or(Error::MissingParameter { parameter, variable })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> SecretString {
        SecretString::from("hunter2")
    }

    #[test]
    fn a_missing_parameter_is_named_with_its_variable() {
        let builder = ClientManager::builder().host("https://x").username("admin");
        let error = builder.clone().build().unwrap_err();
        assert_eq!(
            error.to_string(),
            "missing parameter `password` (in the environment: INSIGHTS_ADMIN_PASSWORD)"
        );
        assert!(builder.password(secret()).build().is_ok());
        let nothing = ClientManager::builder().username("a").password(secret()).build().unwrap_err();
        assert!(matches!(nothing, Error::MissingParameter { parameter: "host", .. }), "{nothing}");
    }

    #[test]
    fn a_client_or_a_session_signs_in_instead_of_a_user() {
        let builder = || ClientManager::builder().host("https://x");
        assert!(builder().admin_client("svc", secret()).build().is_ok());
        assert!(builder().session(reqwest::Client::builder().build().unwrap()).build().is_ok());
        assert!(builder().admin_client("svc", secret()).username("admin").build().is_err());
    }

    #[test]
    fn bad_certificates_and_proxies_are_refused_without_a_word_of_their_content() {
        let builder = || ClientManager::builder().host("https://x").username("a").password(secret());
        for pem in ["", "hunter2", "-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----"] {
            let error = builder().ca_certificate(pem).build().unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
        let error =
            builder().proxy(SecretString::from("ht tp://u:hunter2@p")).build().unwrap_err().to_string();
        assert!(error.contains("proxy") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn no_debug_shows_a_secret() {
        let builder =
            ClientManager::builder().host("https://x").proxy(SecretString::from("http://u:hunter2@p"));
        let user = builder.clone().username("admin").password(secret());
        let client = builder.admin_client("svc", secret());
        for builder in [user, client] {
            assert!(!format!("{builder:?}").contains("hunter2"));
            assert!(!format!("{:?}", builder.build().unwrap()).contains("hunter2"));
        }
    }
}
