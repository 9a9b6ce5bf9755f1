use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::model::client_uuid::ClientUuid;

/// An auth client (service account) as it is registered: the credentials that a service signs in with.
///
/// Neither `Debug`, `Display`, serialising nor any error shows the secret; call
/// [`expose_secret`](secrecy::ExposeSecret::expose_secret) where it is needed, or serialise
/// [`with_exposed_secret`](Self::with_exposed_secret).
///
/// Source: `AuthClient` of the Python class.
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let client = manager.get_client("my-service").await?;
/// println!("{} has the uuid {}", client.id, client.uuid);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct AuthClient {
    /// The address of kdb Insights Enterprise, a URL without a trailing slash: the manager's
    /// [`host`](crate::ClientManager::host).
    pub host: String,
    /// Keycloak's client id: the name that people know the client by, and that it signs in with
    /// (`client_id`, RFC 6749, section 2.2).
    pub id: String,
    /// The client's secret (RFC 6749, section 2.3.1). None if it was not asked for, or if there is none:
    /// public clients and some built-in ones have none.
    #[serde(skip)]
    pub secret: Option<SecretString>,
    /// Keycloak's internal identifier of the client, which a rename does not change.
    pub uuid: ClientUuid,
}

impl AuthClient {
    /// A client that was registered before, from what was stored of it, without a secret: an operation
    /// that takes a client needs no [`get_client`](crate::ClientManager::get_client) then. Nothing is
    /// checked or sent; operations find the client by its uuid. Slashes at the end of the host are taken off.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use kxi_auth_core::{AuthClient, ClientUuid};
    ///
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let uuid = ClientUuid::new("0b5c2a8e-5b0c-4f5e-9d3a-2f1f4f7a7c11")?;
    /// let client = AuthClient::new(manager.host(), "my-service", uuid);
    /// manager.update_client(&client).token_lifespan(600).await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn new(host: impl Into<String>, id: impl Into<String>, uuid: ClientUuid) -> Self {
        let host: String = host.into();
        Self { host: host.trim_end_matches('/').to_owned(), id: id.into(), secret: None, uuid }
    }

    /// The same client with this secret, in place of the one that it may have. The server is not told: see
    /// [`update_client`](crate::ClientManager::update_client).
    ///
    /// # Examples
    ///
    /// ```
    /// use kxi_auth_core::{AuthClient, ClientUuid, SecretString};
    ///
    /// let client = AuthClient::new("https://insights.example.com", "my-service", ClientUuid::new("u-1")?)
    ///     .with_secret(SecretString::from("its secret"));
    /// assert!(!format!("{client:?}").contains("its secret"));
    /// # Ok::<(), kxi_auth_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_secret(self, secret: SecretString) -> Self {
        Self { secret: Some(secret), ..self }
    }

    /// The client in a form that serialises with its secret in the clear, for a file or a vault.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn f(client: &kxi_auth_core::AuthClient) -> Result<String, serde_json::Error> {
    /// serde_json::to_string(&client.with_exposed_secret())
    /// # }
    /// ```
    #[must_use]
    pub fn with_exposed_secret(&self) -> ExposedAuthClient<'_> {
        ExposedAuthClient {
            host: &self.host,
            id: &self.id,
            secret: self.secret.as_ref().map(ExposeSecret::expose_secret),
            uuid: &self.uuid,
        }
    }
}

impl fmt::Display for AuthClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.id, self.uuid)
    }
}

/// An [`AuthClient`] that serialises with its secret in the clear, to the fields `host`, `id`,
/// `secret` (null if there is none) and `uuid`, the names of the Python class. It has no `Debug`.
///
/// Made by [`AuthClient::with_exposed_secret`].
///
/// # Examples
///
/// ```no_run
/// # fn f(client: &kxi_auth_core::AuthClient) -> Result<(), Box<dyn std::error::Error>> {
/// let mut file = std::fs::File::create("credentials.json")?; // in a folder that is yours alone
/// serde_json::to_writer(&mut file, &client.with_exposed_secret())?;
/// # Ok(()) }
/// ```
#[derive(Clone, Serialize)]
pub struct ExposedAuthClient<'a> {
    host: &'a str,
    id: &'a str,
    secret: Option<&'a str>,
    uuid: &'a ClientUuid,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_exposed_form_shows_the_secret() {
        let client = AuthClient::new("https://insights.example.com/", "svc", ClientUuid::new("u").unwrap())
            .with_secret(SecretString::from("hunter2"));
        assert_eq!(client.host, "https://insights.example.com");
        let json = serde_json::to_string(&client).unwrap();
        for shown in [format!("{client:?}"), client.to_string(), json] {
            assert!(shown.contains("svc"), "{shown}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
        let exposed = serde_json::to_string(&client.with_exposed_secret()).unwrap();
        assert!(exposed.contains(r#""secret":"hunter2""#), "{exposed}");
    }
}
