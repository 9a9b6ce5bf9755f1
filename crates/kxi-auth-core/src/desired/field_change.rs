//! The fields that a write would change.

use std::fmt;

use serde_json::{Map, Value};

use crate::model::fields::ATTRIBUTES;
use crate::model::stored_client::StoredClient;

/// A field that a registration would set.
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
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct FieldChange {
    /// The field's name in `ClientRepresentation`, or `attributes.` and the name of an attribute.
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

    fn secret() -> Self {
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

/// The changes that the body of a write makes to the stored client, or to a new one.
pub(crate) fn changes(
    stored: Option<&StoredClient>,
    fields: &Map<String, Value>,
    new_secret: bool,
) -> Vec<FieldChange> {
    let before = |field: &str| stored.and_then(|stored| stored.fields.get(field)).cloned();
    let mut changes = Vec::new();
    for (field, value) in fields {
        match value {
            Value::Object(attributes) if field == ATTRIBUTES => {
                changes.extend(attributes.iter().map(|(name, value)| FieldChange {
                    field: format!("attributes.{name}"),
                    from: before(field).and_then(|stored| stored.get(name).cloned()),
                    // An empty value removes the attribute.
                    to: Some(value.clone()).filter(|value| value.as_str() != Some("")),
                }));
            }
            value => changes.push(FieldChange {
                field: field.clone(),
                from: before(field),
                to: Some(value.clone()).filter(|value| !value.is_null()),
            }),
        }
    }
    if new_secret {
        changes.push(FieldChange::secret());
    }
    changes.retain(|change| stored.is_some() || change.to.is_some() || change.field == "secret");
    changes.sort_by(|one, other| one.field.cmp(&other.field));
    changes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::client_uuid::ClientUuid;

    fn map(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("an object") };
        map
    }

    #[test]
    fn attributes_are_changes_of_their_own() {
        let fields = map(json!({"description": "old", "attributes": {"a": "1", "gone": "x"}}));
        let stored =
            StoredClient { uuid: ClientUuid::new("u").unwrap(), id: "c".to_owned(), secret: None, fields };
        let body = map(json!({"description": "new", "attributes": {"a": "2", "gone": "", "b": "3"}}));
        let shown: Vec<_> = changes(Some(&stored), &body, true)
            .into_iter()
            .map(|change| (change.field, change.from, change.to))
            .collect();
        let expected = [
            ("attributes.a", Some(json!("1")), Some(json!("2"))),
            ("attributes.b", None, Some(json!("3"))),
            ("attributes.gone", Some(json!("x")), None),
            ("description", Some(json!("old")), Some(json!("new"))),
            ("secret", None, None),
        ];
        assert_eq!(shown, expected.map(|(field, from, to)| (field.to_owned(), from, to)));
    }

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
