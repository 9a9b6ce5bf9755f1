use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

/// An access token that a client or an admin was given, and what it says. Neither `Debug` nor any error shows the
/// token.
///
/// Returned by [`ClientManager::client_token`](crate::ClientManager::client_token) and
/// [`ClientManager::sign_in`](crate::ClientManager::sign_in).
///
/// Source: the answer of the token endpoint (RFC 6749, section 5.1).
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// use kxi_auth_core::{ExposeSecret as _, SecretString};
///
/// let token = manager.client_token("my-service", &SecretString::from("its secret")).await?;
/// let header = format!("Bearer {}", token.token.expose_secret());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AccessToken {
    /// The token itself, for an `Authorization: Bearer` header (RFC 6750, section 2.1).
    pub token: SecretString,
    /// How long it is valid from when it was given: `expires_in`; 60 s if the server does not tell.
    pub lifetime: Duration,
    /// The decoded claims; none if the token is no JSON web token (RFC 7519).
    pub claims: Option<Claims>,
}

/// The claims of an access token that matter here. Its signature is not checked: the token comes
/// from the server that would check it.
///
/// A claim that the token does not have is empty, a time 0.
///
/// Source: RFC 7519, section 4.1, and the claims that Keycloak adds (seen on Keycloak 26.7.3).
///
/// # Examples
///
/// ```
/// fn is_of(claims: &kxi_auth_core::Claims, realm: &str) -> bool {
///     claims.issuer.ends_with(&format!("/realms/{realm}"))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// `iss`: the realm's address as the server names it, which need not be the one it was asked at.
    #[serde(rename = "iss", default)]
    pub issuer: String,
    /// `azp`: the id of the client that signed in.
    #[serde(rename = "azp", default)]
    pub client_id: String,
    /// `iat`: when it was issued, in seconds since 1970.
    #[serde(rename = "iat", default)]
    pub issued_at: i64,
    /// `exp`: when it expires, in seconds since 1970.
    #[serde(rename = "exp", default)]
    pub expires_at: i64,
    #[serde(default)]
    realm_access: RealmAccess,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
struct RealmAccess {
    #[serde(default)]
    roles: Vec<String>,
}

impl Claims {
    /// `realm_access.roles`: the realm roles in the token, those included in composite roles too. Empty if
    /// the client's `fullScopeAllowed` is false (seen on Keycloak 26.7.3).
    ///
    /// # Examples
    ///
    /// ```
    /// fn may_query(claims: &kxi_auth_core::Claims) -> bool {
    ///     claims.realm_roles().iter().any(|role| role == "insights.query.data")
    /// }
    /// ```
    #[must_use]
    pub fn realm_roles(&self) -> &[String] {
        &self.realm_access.roles
    }
}

impl AccessToken {
    pub(crate) fn new(token: SecretString, lifetime: Duration) -> Self {
        let claims = decode(token.expose_secret());
        Self { token, lifetime, claims }
    }
}

/// The payload of a JSON web token in compact form (RFC 7515, 7.1).
fn decode(token: &str) -> Option<Claims> {
    let payload = token.split('.').nth(1)?;
    let json = URL_SAFE_NO_PAD.decode(payload).ok()?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_roles_of_a_token() {
        let payload = r#"{"iss":"https://x/realms/insights","azp":"svc","iat":1,"exp":301,"realm_access":{"roles":["a","b"]}}"#;
        let token = format!("h.{}.s", URL_SAFE_NO_PAD.encode(payload));
        let claims = decode(&token).unwrap();
        assert_eq!(claims.realm_roles(), ["a", "b"]);
        assert_eq!((claims.client_id.as_str(), claims.expires_at), ("svc", 301));
    }

    #[test]
    fn a_token_that_is_no_jwt_has_no_claims() {
        for token in ["", "opaque", "a.b.c", "..."] {
            assert_eq!(decode(token), None, "{token}");
        }
    }
}
