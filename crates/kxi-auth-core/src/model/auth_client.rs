use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::model::client_uuid::ClientUuid;

/// A registered auth client (service account): the credentials that a service signs in with.
///
/// `Debug`, `Display`, serialization and errors never show the secret. Call
/// [`expose_secret`](secrecy::ExposeSecret::expose_secret) where it is needed, or serialize
/// [`with_exposed_secret`](Self::with_exposed_secret).
///
/// Source: `AuthClient` of the Python class.
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let client = manager.get_client("my-service").await?;
/// println!("{} has the UUID {}", client.id, client.uuid);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct AuthClient {
    /// The address of kdb Insights Enterprise, a URL without a trailing slash: the manager's
    /// [`host`](crate::ClientManager::host).
    pub host: String,
    /// The client ID: the name that identifies the client to people, and that it signs in with
    /// (`client_id`, RFC 6749, section 2.2).
    pub id: String,
    /// The client's secret (RFC 6749, section 2.3.1). `None` if the caller did not ask for it, or if the
    /// client has no secret: public clients and some built-in clients have none.
    #[serde(skip)]
    pub secret: Option<SecretString>,
    /// Keycloak's internal identifier of the client. Renaming the client does not change it.
    pub uuid: ClientUuid,
}

impl AuthClient {
    /// The memory that the client takes, in bytes.
    pub(crate) fn size(&self) -> usize {
        let secret = self.secret.as_ref().map_or(0, |secret| secret.expose_secret().len());
        size_of::<Self>() + self.host.len() + self.id.len() + self.uuid.as_str().len() + secret
    }

    /// Builds a client that was registered earlier from stored values, without a secret. Operations that
    /// need an [`AuthClient`] can then be called without [`get_client`](crate::ClientManager::get_client).
    ///
    /// Nothing is checked or sent. Operations find the client by its UUID. Trailing slashes are removed from
    /// the host.
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

    /// Returns the client with this secret, replacing any other. This does not change the secret on the
    /// server; [`update_client`](crate::ClientManager::update_client) does.
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

    /// Returns a view of the client that serializes with its secret in plain text, for a file or a vault.
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

/// An [`AuthClient`] that serializes with its secret in plain text. Its fields are `host`, `id`, `secret`
/// (null if the client has none) and `uuid`, as in the Python class. It does not implement `Debug`.
///
/// Returned by [`AuthClient::with_exposed_secret`].
///
/// # Examples
///
/// ```no_run
/// # fn f(client: &kxi_auth_core::AuthClient) -> Result<(), Box<dyn std::error::Error>> {
/// let mut file = std::fs::File::create("credentials.json")?; // in a folder that only you can read
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
