use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::error::Error;

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

/// Keycloak's internal identifier of a client.
///
/// It is opaque: the server makes UUIDs, but honours any text of up to 36 characters that a caller
/// sends as `id` on create (seen on 22.0.5, 24.0.5 and 26.7.3).
///
/// # Examples
///
/// ```
/// use kxi_auth_core::ClientUuid;
///
/// let uuid = ClientUuid::new("0b5c2a8e-5b0c-4f5e-9d3a-2f1f4f7a7c11")?;
/// assert_eq!(uuid.as_str(), "0b5c2a8e-5b0c-4f5e-9d3a-2f1f4f7a7c11");
/// assert!(ClientUuid::new("..").is_err());
/// # Ok::<(), kxi_auth_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ClientUuid(String);

impl ClientUuid {
    /// Checks and wraps an identifier, of 1 to 36 characters. `parse` does the same.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] if it is empty, `.` or `..` (a URL cannot carry those as a path
    /// segment: RFC 3986, section 5.2.4) or longer than 36 characters.
    ///
    /// # Examples
    ///
    /// ```
    /// use kxi_auth_core::ClientUuid;
    ///
    /// let uuid: ClientUuid = "0b5c2a8e-5b0c-4f5e-9d3a-2f1f4f7a7c11".parse()?;
    /// assert!(ClientUuid::new("x".repeat(37)).is_err());
    /// # Ok::<(), kxi_auth_core::Error>(())
    /// ```
    pub fn new(uuid: impl Into<String>) -> Result<Self, Error> {
        let uuid = uuid.into();
        match uuid.as_str() {
            "" => Err(Error::invalid("uuid", "it is empty")),
            "." | ".." => Err(Error::invalid("uuid", "`.` and `..` cannot be addressed in a URL")),
            long if long.chars().count() > 36 => {
                Err(Error::invalid("uuid", "it is longer than 36 characters, which no Keycloak id is"))
            }
            _ => Ok(Self(uuid)),
        }
    }

    /// What the server says, whatever it is: a listing must not break on one odd client.
    pub(crate) fn from_server(uuid: String) -> Self {
        Self(uuid)
    }

    /// The identifier as text, as the server has it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::ClientUuid;
    /// assert_eq!(ClientUuid::new("my-own-id")?.as_str(), "my-own-id");
    /// # Ok::<(), kxi_auth_core::Error>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ClientUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::str::FromStr for ClientUuid {
    type Err = Error;

    fn from_str(uuid: &str) -> Result<Self, Error> {
        Self::new(uuid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_exposed_form_shows_the_secret() {
        let client = AuthClient {
            host: "https://insights.example.com".to_owned(),
            id: "svc".to_owned(),
            secret: Some(SecretString::from("hunter2")),
            uuid: ClientUuid::new("u").unwrap(),
        };
        let json = serde_json::to_string(&client).unwrap();
        for shown in [format!("{client:?}"), client.to_string(), json] {
            assert!(shown.contains("svc"), "{shown}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
        let exposed = serde_json::to_string(&client.with_exposed_secret()).unwrap();
        assert!(exposed.contains(r#""secret":"hunter2""#), "{exposed}");
    }

    #[test]
    fn an_id_that_is_no_uuid_is_accepted() {
        assert_eq!(ClientUuid::new("my own id").unwrap().as_str(), "my own id");
        assert!(ClientUuid::new("a".repeat(36)).is_ok());
        assert!(ClientUuid::new("a".repeat(37)).is_err());
        assert!(ClientUuid::new("").is_err());
    }
}
