use std::fmt;

use serde::Serialize;

use crate::error::Error;

/// Keycloak's internal identifier of a client.
///
/// It is opaque. The server generates UUIDs, but also accepts other text of up to 36 characters that a caller
/// sends as `id` when it creates a client (observed on Keycloak 22.0.5, 24.0.5 and 26.7.3).
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
    /// Wraps an identifier, which can be any text that a URL can address. `parse` does the same, so an
    /// identifier that was printed or stored can be read back.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] if it is empty, `.` or `..`. A URL cannot contain those as a path segment
    /// (RFC 3986, section 5.2.4).
    ///
    /// # Examples
    ///
    /// ```
    /// use kxi_auth_core::ClientUuid;
    ///
    /// let uuid: ClientUuid = "0b5c2a8e-5b0c-4f5e-9d3a-2f1f4f7a7c11".parse()?;
    /// assert_eq!(uuid.to_string().parse::<ClientUuid>()?, uuid);
    /// # Ok::<(), kxi_auth_core::Error>(())
    /// ```
    pub fn new(uuid: impl Into<String>) -> Result<Self, Error> {
        let uuid = uuid.into();
        match uuid.as_str() {
            "" => Err(Error::invalid("uuid", "it is empty")),
            "." | ".." => Err(Error::invalid("uuid", "a URL cannot contain `.` or `..` as a path segment")),
            _ => Ok(Self(uuid)),
        }
    }

    /// Wraps what the server returns without a check, so that one unusual client does not break a listing.
    pub(crate) fn from_server(uuid: String) -> Self {
        Self(uuid)
    }

    /// Whether a request can address the client. The server stores any text, also the empty one and `.`, which no URL
    /// can contain as a path segment (observed on Keycloak 22.0.5 and 26.7.3). Operations on such a client fail with
    /// [`Error::BadStoredData`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let mut clients = manager.list_clients().await?;
    /// clients.retain(|client| client.uuid.is_addressable());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_addressable(&self) -> bool {
        !matches!(self.0.as_str(), "" | "." | "..")
    }

    /// Rejects an identifier that no request can address. `client_id` names the client in the error.
    pub(crate) fn addressable(&self, client_id: &str) -> Result<(), Error> {
        if self.is_addressable() { Ok(()) } else { Err(Error::bad_internal_id("client", client_id, &self.0)) }
    }

    /// The identifier as text, as the server stores it.
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
    fn what_a_server_lists_is_read_again_if_it_can_be_addressed() {
        for listed in ["my own id", "a/b ?#%2e \u{e9}\u{1F511}", &"a".repeat(255)] {
            let listed = ClientUuid::from_server(listed.to_owned());
            assert_eq!(listed.to_string().parse::<ClientUuid>().unwrap(), listed);
        }
        for bad in ["", ".", ".."] {
            assert!(ClientUuid::new(bad).is_err(), "{bad}");
            let listed = ClientUuid::from_server(bad.to_owned());
            assert!(!listed.is_addressable(), "{bad}");
            let error = listed.addressable("svc").unwrap_err();
            assert!(matches!(error, Error::BadStoredData { .. }) && !error.is_usage(), "{error}");
            assert!(
                error.to_string().starts_with("the client `svc` is stored with a fault: its internal ID"),
                "{error}"
            );
        }
    }
}
