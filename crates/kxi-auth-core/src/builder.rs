use std::time::Duration;

use secrecy::SecretString;

use crate::connection::{self, Connection};
use crate::error::Error;
use crate::manager::ClientManager;

/// Collects the parameters of a [`ClientManager`]. Nothing is sent before the manager is used, and
/// the environment is not read.
///
/// Source: the seed's constructor, whose names and defaults are kept.
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
    username: Option<String>,
    password: Option<SecretString>,
    realm: Option<String>,
    admin_realm: Option<String>,
    base_path: Option<String>,
    timeout: Option<Duration>,
}

impl ClientManagerBuilder {
    /// Base URL of the kdb Insights Enterprise instance, for example `https://insights.example.com`.
    /// Required. Keycloak is looked for at its root, then under `/auth`.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// Keycloak admin user. Required.
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }

    /// The admin user's password. Required.
    pub fn password(mut self, password: SecretString) -> Self {
        self.password = Some(password);
        self
    }

    /// The realm whose clients are managed. Default: `insights`.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// The realm that the admin user belongs to. Default: `master`.
    pub fn admin_realm(mut self, realm: impl Into<String>) -> Self {
        self.admin_realm = Some(realm.into());
        self
    }

    /// Where Keycloak is below the host, `/` or `/auth` or another path, instead of probing.
    pub fn base_path(mut self, path: impl Into<String>) -> Self {
        self.base_path = Some(path.into());
        self
    }

    /// How long one attempt of one request may take. Default: 15 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Checks the parameters.
    ///
    /// # Errors
    ///
    /// [`Error::MissingParameter`] or [`Error::InvalidParameter`], naming the parameter;
    /// [`Error::HttpClient`] if TLS cannot be set up on this machine.
    pub fn build(self) -> Result<ClientManager, Error> {
        let connection = Connection {
            host: connection::host(&required(self.host, "host", "INSIGHTS_URL")?)?,
            username: required(self.username, "username", "INSIGHTS_ADMIN_USERNAME")?,
            password: required(self.password, "password", "INSIGHTS_ADMIN_PASSWORD")?,
            realm: connection::realm("realm", self.realm.as_deref().unwrap_or("insights"))?,
            admin_realm: connection::realm("admin realm", self.admin_realm.as_deref().unwrap_or("master"))?,
            base_path: self.base_path.as_deref().map(connection::base_path).transpose()?,
            timeout: connection::timeout(self.timeout.unwrap_or(Duration::from_secs(15)))?,
        };
        ClientManager::new(connection)
    }
}

fn required<T>(value: Option<T>, parameter: &'static str, variable: &'static str) -> Result<T, Error> {
    value.ok_or(Error::MissingParameter { parameter, variable })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_parameter_is_named_with_its_variable() {
        let builder = ClientManager::builder().host("https://x").username("admin");
        let error = builder.clone().build().unwrap_err();
        assert_eq!(
            error.to_string(),
            "missing parameter `password`: set it, or the variable INSIGHTS_ADMIN_PASSWORD"
        );
        assert!(builder.password(SecretString::from("pw")).build().is_ok());
    }

    #[test]
    fn no_debug_shows_the_password() {
        let builder = ClientManager::builder()
            .host("https://x")
            .username("admin")
            .password(SecretString::from("hunter2"));
        assert!(!format!("{builder:?}").contains("hunter2"));
        assert!(!format!("{:?}", builder.build().unwrap()).contains("hunter2"));
    }
}
