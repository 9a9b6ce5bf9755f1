//! The builder's setters for the sign-in.

use secrecy::SecretString;

use crate::manager::builder::ClientManagerBuilder;
use crate::manager::sign_in::SignIn;
use crate::transport::connection::HttpClient;

impl ClientManagerBuilder {
    /// The name of the Keycloak user who administers the realm. Required unless
    /// [`admin_client`](Self::admin_client) or [`session`](Self::session) is set.
    ///
    /// The user signs in with the password grant (RFC 6749, section 4.3) through the client `admin-cli`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::ClientManager;
    /// let builder = ClientManager::builder().username("admin");
    /// ```
    pub fn username(mut self, username: impl Into<String>) -> Self {
        let password = self.sign_in.into_user().1;
        self.sign_in = SignIn::User { username: Some(username.into()), password };
        self
    }

    /// The admin user's password. Required with a user name. A password that the server rejects is not
    /// retried, because wrong passwords count towards a lockout (observed on Keycloak 26.7.3).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::{ClientManager, SecretString};
    /// # fn f() -> Result<(), std::io::Error> {
    /// let password = std::fs::read_to_string("/run/secrets/keycloak-admin-password")?;
    /// let builder = ClientManager::builder().password(SecretString::from(password.trim_end()));
    /// # Ok(()) }
    /// ```
    pub fn password(mut self, password: SecretString) -> Self {
        let username = self.sign_in.into_user().0;
        self.sign_in = SignIn::User { username, password: Some(password) };
        self
    }

    /// Signs in as a client with a service account (client credentials grant, RFC 6749, section 4.4) instead
    /// of a user. The client must belong to the [`admin_realm`](Self::admin_realm).
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::{ClientManager, SecretString};
    /// let manager = ClientManager::builder()
    ///     .host("https://insights.example.com")
    ///     .admin_client("registrar", SecretString::from("its secret"))
    ///     .admin_realm("insights")
    ///     .build()?;
    /// # Ok::<(), kxi_auth_core::Error>(())
    /// ```
    pub fn admin_client(mut self, id: impl Into<String>, secret: SecretString) -> Self {
        self.sign_in = SignIn::Client { id: id.into(), secret: Some(secret) };
        self
    }

    /// A pre-built HTTP client (of `reqwest` 0.13) that signs in by itself, for example with a default
    /// `Authorization` header or a client certificate. The manager requests no token then.
    ///
    /// It replaces credentials that were set before, and credentials that are set later replace it.
    /// [`ca_certificate`](Self::ca_certificate), [`proxy`](Self::proxy) and [`user_agent`](Self::user_agent)
    /// have no effect; configure them on the HTTP client.
    ///
    /// The HTTP client must not follow redirects. If it follows one while the manager searches for Keycloak,
    /// the operation fails with [`Error::Protocol`](crate::Error::Protocol).
    ///
    /// Source: the argument `session` of the Python class's constructor.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use kxi_auth_core::{ClientManager, reqwest};
    ///
    /// # fn f(mut bearer: reqwest::header::HeaderValue) -> Result<(), Box<dyn std::error::Error>> {
    /// bearer.set_sensitive(true);
    /// let session = reqwest::Client::builder()
    ///     .redirect(reqwest::redirect::Policy::none())
    ///     .default_headers([(reqwest::header::AUTHORIZATION, bearer)].into_iter().collect())
    ///     .build()?;
    /// let manager = ClientManager::builder().host("https://insights.example.com").session(session).build()?;
    /// # Ok(()) }
    /// ```
    pub fn session(mut self, session: reqwest::Client) -> Self {
        self.sign_in = SignIn::Session(HttpClient(session));
        self
    }

    /// Sets an admin client. Its secret may be missing, because the caller can still replace the client
    /// before the manager is built.
    pub(crate) fn admin_client_from_env(mut self, id: String, secret: Option<SecretString>) -> Self {
        self.sign_in = SignIn::Client { id, secret };
        self
    }
}
