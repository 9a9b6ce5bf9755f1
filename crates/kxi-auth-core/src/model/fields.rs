//! The fields and attributes of `ClientRepresentation` that more than one module uses, and their values.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

/// The field that contains the attributes.
pub(crate) const ATTRIBUTES: &str = "attributes";

/// The field that shows whether the client has a service account.
pub(crate) const SERVICE_ACCOUNTS_ENABLED: &str = "serviceAccountsEnabled";
/// Whether the client can sign in at all.
pub(crate) const ENABLED: &str = "enabled";

/// When the secret was created, in seconds since 1970 as text. The server sets it only for secrets that it generates.
pub(crate) const SECRET_CREATED_ATTRIBUTE: &str = "client.secret.creation.time";

/// When the secret expires by the realm's policy, in seconds since 1970 as text. If it is missing, the server sets it.
pub(crate) const SECRET_EXPIRES_ATTRIBUTE: &str = "client.secret.expiration.time";

/// The attribute that makes the server require a `DPoP` proof with every sign-in. Keycloak 22.0.5 and 26.0.8 ignore it
/// without the feature `dpop`.
pub(crate) const DPOP_BOUND: &str = "dpop.bound.access.tokens";

/// The attribute that makes the server require a client certificate with every sign-in.
pub(crate) const CERTIFICATE_BOUND: &str = "tls.client.certificate.bound.access.tokens";

/// The attribute for the longest session of a client, in seconds as text. Its tokens do not live longer.
pub(crate) const SESSION_MAX_ATTRIBUTE: &str = "client.session.max.lifespan";

/// Keycloak's attribute for a client's own access token lifespan, in seconds as text.
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let client = manager.get_client("my-service").details().await?;
/// println!("{:?}", client.attribute(kxi_auth_core::TOKEN_LIFESPAN_ATTRIBUTE));
/// # Ok(()) }
/// ```
pub const TOKEN_LIFESPAN_ATTRIBUTE: &str = "access.token.lifespan";

/// The token lifespans, in seconds, with which a client can sign in. Keycloak stores any value but calculates
/// with 32 bits: with a longer lifespan every sign-in fails, and with a shorter lifespan the tokens have
/// already expired (observed on Keycloak 26.7.3).
///
/// # Examples
///
/// ```
/// assert!(kxi_auth_core::TOKEN_LIFESPANS.contains(&300));
/// assert!(!kxi_auth_core::TOKEN_LIFESPANS.contains(&0));
/// ```
pub const TOKEN_LIFESPANS: RangeInclusive<i64> = 1..=2_147_483_647;

/// Whether the field is true.
pub(crate) fn is_on(fields: &Map<String, Value>, name: &str) -> bool {
    fields.get(name) == Some(&Value::Bool(true))
}

/// Whether a stored value means the same as no value: null, false or empty. Keycloak sometimes returns a
/// field in one of these forms and sometimes leaves it out (observed on Keycloak 26.7.3).
///
/// # Examples
///
/// ```
/// use kxi_auth_core::is_unset;
/// use serde_json::json;
///
/// assert!(is_unset(&json!({"config": {}, "enabled": false, "name": ""})));
/// assert!(!is_unset(&json!(0)));
/// ```
#[must_use]
pub fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_unset),
        Value::Bool(true) | Value::Number(_) => false,
    }
}
