//! A field that a write changes, and whether its values may be shown.

use std::fmt;

use serde_json::Value;

/// A field that a registration would set, or that the server [overrode](crate::Warning::Overridden).
///
/// # Examples
///
/// ```
/// fn describe(change: &kxi_auth_core::FieldChange) -> String {
///     match (&change.to, change.is_sensitive()) {
///         (Some(value), false) => format!("{} becomes {value}", change.field),
///         (None, false) => format!("{} is removed", change.field),
///         (_, true) => format!("{} changes", change.field),
///     }
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldChange {
    /// The field's name in `ClientRepresentation`. Content is named by its path: `attributes.` and the name of an
    /// attribute, `protocolMappers.` and the name of a mapper that is added or removed, or a part of one, such as
    /// `protocolMappers.tenant.config.claim.value`.
    pub field: String,
    /// The stored value. `None` if there is none, and for the secret.
    pub from: Option<Value>,
    /// The value to be set. `None` if the field is removed, and for the secret.
    pub to: Option<Value>,
}

impl FieldChange {
    /// Whether the values may be secret, judged by the field's name, so that they should not be shown. The field
    /// `secret` never has values here.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(plan: kxi_auth_core::RegistrationPlan) {
    /// let harmless = plan.changes.iter().filter(|change| !change.is_sensitive());
    /// # }
    /// ```
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        may_be_secret(&self.field)
    }

    pub(crate) fn secret() -> Self {
        Self { field: "secret".to_owned(), from: None, to: None }
    }
}

/// Whether the values of a field or attribute with this name may be secret, so that they should not be shown.
///
/// # Examples
///
/// ```
/// use kxi_auth_core::may_be_secret;
///
/// assert!(may_be_secret("attributes.saml.encryption.private.key"));
/// assert!(!may_be_secret("attributes.access.token.lifespan"));
/// ```
#[must_use]
pub fn may_be_secret(field: &str) -> bool {
    // Without separators, so that `api.key`, `API_KEY` and `apiKey` are the same.
    let name: String = field.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    // Protocol mappers can hold configuration of any kind.
    let words =
        ["secret", "passw", "passphrase", "pwd", "private", "credential", "apikey", "protocolmappers"];
    // Keycloak's own attributes contain the word `token` too, but do not end with it.
    name.ends_with("token") || words.iter().any(|word| name.contains(word))
}

impl fmt::Debug for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FieldChange({})", self.field.escape_debug())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_that_may_be_secret_are_told_by_the_name() {
        let sensitive =
            |field: &str| FieldChange { field: field.to_owned(), from: None, to: None }.is_sensitive();
        for field in [
            "secret",
            "attributes.saml.encryption.private.key",
            "attributes.db.Password",
            "protocolMappers",
            "attributes.api.key",
            "attributes.apiKey",
            "attributes.API_KEY",
            "attributes.passphrase",
            "attributes.pass-wd",
            "attributes.auth.token",
            "attributes.accessToken",
            "registrationAccessToken",
        ] {
            assert!(sensitive(field), "{field}");
        }
        for field in [
            "description",
            "redirectUris",
            "attributes.access.token.lifespan",
            "attributes.token.endpoint.auth.signing.alg",
            "attributes.id.token.as.detached.signature",
            "attributes.use.refresh.tokens",
            "attributes.dpop.bound.access.tokens",
        ] {
            assert!(!sensitive(field), "{field}");
        }
    }

    #[test]
    fn no_value_is_in_the_debug_output() {
        let change = FieldChange { field: "f".to_owned(), from: Some(json!("hunter2")), to: None };
        assert!(!format!("{change:?}").contains("hunter2"));
    }
}
