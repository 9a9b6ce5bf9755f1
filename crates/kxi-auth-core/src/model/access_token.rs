use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};
use url::Url;

/// An access token issued to a client or an admin, with its claims. Neither `Debug` nor any error shows the
/// token.
///
/// Returned by [`ClientManager::client_token`](crate::ClientManager::client_token) and
/// [`ClientManager::sign_in`](crate::ClientManager::sign_in).
///
/// Source: the response of the token endpoint (RFC 6749, section 5.1).
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
    /// How long the token is valid after it was issued (`expires_in`). 60 s if the server does not return it.
    pub lifetime: Duration,
    /// The decoded claims. `None` if the token is not a JSON Web Token (RFC 7519).
    pub claims: Option<Claims>,
}

/// The claims of an access token. The signature is not checked, because the token comes directly from the
/// server that signed it.
///
/// If the token lacks a claim, or has it in another form, the field is empty; a time is 0.
///
/// Source: RFC 7519, section 4.1, RFC 9068, section 2.2, and the claims that Keycloak adds (observed on
/// Keycloak 26.7.3).
///
/// # Examples
///
/// ```
/// fn is_of(claims: &kxi_auth_core::Claims, realm: &str) -> bool {
///     claims.issuer.ends_with(&format!("/realms/{realm}"))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims {
    /// `iss`: the realm's address according to the server. It can differ from the address that the request
    /// was sent to.
    pub issuer: String,
    /// `sub`: the UUID of the user, or of the service account's user.
    pub subject: String,
    /// `aud`: the recipients that the token is intended for.
    pub audience: Vec<String>,
    /// `azp`: the client ID of the client that signed in.
    pub client_id: String,
    /// `scope`: the client scopes that apply to the token, separated by spaces.
    pub scope: String,
    /// `iat`: when the token was issued, in seconds since 1970-01-01 UTC.
    pub issued_at: i64,
    /// `exp`: when the token expires, in seconds since 1970-01-01 UTC.
    pub expires_at: i64,
    realm_roles: Vec<String>,
    all: Map<String, Value>,
}

impl Claims {
    /// The claims of this token. `None` if it is not a JSON Web Token.
    pub(crate) fn of(token: &SecretString) -> Option<Self> {
        decode(token.expose_secret())
    }

    /// Whether the realm with this name issued the token: the issuer's address ends with it.
    pub(crate) fn is_of_realm(&self, realm: &str) -> bool {
        let Ok(issuer) = Url::parse(&self.issuer) else { return false };
        let mut expected = issuer.clone();
        if let Ok(mut segments) = expected.path_segments_mut() {
            segments.pop().push(realm);
        }
        issuer == expected && issuer.path_segments().is_some_and(|segments| segments.count() > 1)
    }

    pub(crate) fn new(all: Map<String, Value>) -> Self {
        let text = |name: &str| all.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let time = |name: &str| all.get(name).and_then(Value::as_i64).unwrap_or_default();
        Self {
            issuer: text("iss"),
            subject: text("sub"),
            audience: all.get("aud").map(texts).unwrap_or_default(),
            client_id: text("azp"),
            scope: text("scope"),
            issued_at: time("iat"),
            expires_at: time("exp"),
            realm_roles: all.get("realm_access").map(roles).unwrap_or_default(),
            all,
        }
    }

    /// `realm_access.roles`: the realm roles in the token, sorted, including roles inherited through
    /// composite roles. Empty if the client's `fullScopeAllowed` is false (observed on Keycloak 26.7.3).
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
        &self.realm_roles
    }

    /// `resource_access`: the client roles in the token, by client ID. The roles of each client are sorted.
    ///
    /// # Examples
    ///
    /// ```
    /// fn may_administer(claims: &kxi_auth_core::Claims) -> bool {
    ///     claims.client_roles().contains_key("realm-management")
    /// }
    /// ```
    #[must_use]
    pub fn client_roles(&self) -> BTreeMap<String, Vec<String>> {
        let clients = self.all.get("resource_access").and_then(Value::as_object);
        clients.into_iter().flatten().map(|(client, access)| (client.clone(), roles(access))).collect()
    }

    /// Whether the token carries this role of this client.
    ///
    /// # Examples
    ///
    /// ```
    /// fn may_manage_clients(claims: &kxi_auth_core::Claims) -> bool {
    ///     claims.has_client_role("realm-management", "manage-clients")
    /// }
    /// ```
    #[must_use]
    pub fn has_client_role(&self, client: &str, role: &str) -> bool {
        self.client_roles().get(client).is_some_and(|roles| roles.iter().any(|carried| carried == role))
    }

    /// Every claim, unchanged.
    ///
    /// # Examples
    ///
    /// ```
    /// fn tenant(claims: &kxi_auth_core::Claims) -> Option<&str> {
    ///     claims.all().get("tenant")?.as_str()
    /// }
    /// ```
    #[must_use]
    pub fn all(&self) -> &Map<String, Value> {
        &self.all
    }
}

/// The strings of a list, or a single string as a list of one (RFC 7519, section 4.1.3).
fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    items.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

/// The roles, sorted, because the server's order depends on the names of all roles, including the realm's
/// default role (observed on Keycloak 26.7.3).
fn roles(access: &Value) -> Vec<String> {
    let mut roles = access.get("roles").map(texts).unwrap_or_default();
    roles.sort();
    roles
}

impl AccessToken {
    pub(crate) fn new(token: SecretString, lifetime: Duration) -> Self {
        let claims = Claims::of(&token);
        Self { token, lifetime, claims }
    }
}

/// The longest payload that is decoded. No server accepts a longer header, and decoded it takes many times the memory.
const LONGEST: usize = 64 * 1024;

/// Decodes the payload of a JSON Web Token in compact form (RFC 7515, section 7.1).
fn decode(token: &str) -> Option<Claims> {
    let payload = token.split('.').nth(1).filter(|payload| payload.len() <= LONGEST)?;
    let json = URL_SAFE_NO_PAD.decode(payload).ok()?;
    serde_json::from_slice(&json).ok().map(Claims::new)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_the_roles_of_a_token() {
        let payload = r#"{"iss":"https://x/realms/insights","azp":"svc","iat":1,"exp":301,"realm_access":{"roles":["b","a"]}}"#;
        let token = format!("h.{}.s", URL_SAFE_NO_PAD.encode(payload));
        let claims = decode(&token).unwrap();
        assert_eq!(claims.realm_roles(), ["a", "b"]);
        assert_eq!((claims.client_id.as_str(), claims.expires_at), ("svc", 301));
    }

    #[test]
    fn claims_of_other_forms_are_empty_and_hide_no_other() {
        let of = |claims: Value| Claims::new(claims.as_object().unwrap().clone());
        let claims = of(json!({
            "iss": 1, "aud": "one", "iat": "soon", "exp": 9, "scope": "email profile", "realm_access": [],
            "resource_access": {"realm-management": {"roles": ["view-clients", 5]}, "odd": "x"},
        }));
        assert_eq!((claims.issuer.as_str(), claims.issued_at, claims.expires_at), ("", 0, 9));
        assert_eq!(
            (claims.audience.as_slice(), claims.scope.as_str()),
            (["one".to_owned()].as_slice(), "email profile")
        );
        assert!(claims.realm_roles().is_empty());
        let roles = claims.client_roles();
        assert_eq!((&roles["realm-management"], roles["odd"].len()), (&vec!["view-clients".to_owned()], 0));
        assert_eq!(claims.all()["iat"], "soon");
        assert_eq!(of(json!({"aud": ["one", "two"]})).audience, ["one", "two"]);
    }

    #[test]
    fn the_realm_of_a_token_is_the_end_of_its_issuer() {
        let is_of = |issuer: &str, realm: &str| {
            let claims = Claims::new(json!({"iss": issuer}).as_object().unwrap().clone());
            claims.is_of_realm(realm)
        };
        assert!(is_of("https://x/auth/realms/insights", "insights"));
        assert!(is_of("https://x/realms/my%20realm", "my realm"));
        for (issuer, realm) in [
            ("https://x/realms/master", "insights"),
            ("https://x/realms/Insights", "insights"),
            ("https://x/realms/not-insights", "insights"),
            ("https://x/realms/insights/", "insights"),
            ("https://x/insights", "insights"),
            ("insights", "insights"),
            ("", ""),
        ] {
            assert!(!is_of(issuer, realm), "{issuer} {realm}");
        }
    }

    #[test]
    fn a_token_that_is_no_jwt_has_no_claims() {
        for token in ["", "opaque", "a.b.c", "..."] {
            assert_eq!(decode(token), None, "{token}");
        }
    }
}
