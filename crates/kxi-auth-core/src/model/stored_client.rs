//! A client as the server stores it, and the fields that keep it from being a service account.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

use crate::error::excerpt;
use crate::model::auth_client::AuthClient;
use crate::model::client_uuid::ClientUuid;
use crate::model::fields::{
    ATTRIBUTES, CERTIFICATE_BOUND, DPOP_BOUND, ENABLED, SERVICE_ACCOUNTS_ENABLED, is_on,
};

/// A client as the server stores it. It does not implement `Debug`, because attributes may contain secrets.
pub(crate) struct StoredClient {
    pub(crate) uuid: ClientUuid,
    pub(crate) id: String,
    pub(crate) secret: Option<SecretString>,
    /// Every field except secrets, including fields that this version does not know.
    pub(crate) fields: Map<String, Value>,
}

impl StoredClient {
    /// Only the credentials, as callers get them.
    pub(crate) fn into_auth_client(self, host: &str) -> AuthClient {
        let Self { uuid, id, secret, .. } = self;
        AuthClient { host: host.to_owned(), id, secret, uuid }
    }

    pub(crate) fn service_accounts(&self) -> bool {
        self.flag(SERVICE_ACCOUNTS_ENABLED)
    }

    pub(crate) fn is_enabled(&self) -> bool {
        is_enabled(&self.fields)
    }

    pub(crate) fn authorization_services(&self) -> bool {
        self.flag("authorizationServicesEnabled")
    }

    /// Whether the client's tokens contain all its roles. If this is off, they contain none.
    pub(crate) fn full_scope(&self) -> bool {
        self.fields.get("fullScopeAllowed") != Some(&Value::Bool(false))
    }

    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.fields.get(ATTRIBUTES)?.get(name)?.as_str()
    }

    /// Whether the stored secret equals this secret.
    pub(crate) fn has_secret(&self, wanted: &SecretString) -> bool {
        self.secret.as_ref().is_some_and(|secret| secret.expose_secret() == wanted.expose_secret())
    }

    /// Whether the client has no secret to sign in with. An empty secret counts as no secret, although the
    /// server stores it and lets the client sign in with it (observed on Keycloak 26.7.3).
    pub(crate) fn lacks_secret(&self) -> bool {
        self.secret.as_ref().is_none_or(|secret| secret.expose_secret().is_empty())
    }

    /// The memory that the client takes, in bytes, roughly and rather more.
    pub(crate) fn size(&self) -> usize {
        let secret = self.secret.as_ref().map_or(0, |secret| secret.expose_secret().len());
        self.id.len() + secret + fields_size(&self.fields)
    }

    /// The fields that keep this client from being a service account.
    pub(crate) fn obstacles(&self) -> Vec<Obstacle> {
        obstacles(&self.fields)
    }

    /// Whether nothing changed between two reads of a client.
    pub(crate) fn is_as(&self, before: &Self) -> bool {
        let secret = match &self.secret {
            Some(secret) => before.has_secret(secret),
            None => before.secret.is_none(),
        };
        self.id == before.id && secret && same_fields(&self.fields, &before.fields)
    }

    fn flag(&self, name: &str) -> bool {
        is_on(&self.fields, name)
    }
}

/// The memory of fields, in bytes.
pub(crate) fn fields_size(fields: &Map<String, Value>) -> usize {
    fields.iter().map(|(name, value)| name.len() + size(value)).sum()
}

/// The memory of a value and of its place in a list or map.
fn size(value: &Value) -> usize {
    const PLACE: usize = 160;
    PLACE
        + match value {
            Value::String(text) => text.len(),
            Value::Array(values) => values.iter().map(size).sum(),
            Value::Object(fields) => fields_size(fields),
            _ => 0,
        }
}

/// The fields that keep a client from being a service account, each with the value that a service account
/// needs. Changing one of them can break a browser sign-in without an error.
pub(crate) fn obstacles(fields: &Map<String, Value>) -> Vec<Obstacle> {
    let differs = |name: &str, expected: &str| {
        fields.get(name).and_then(Value::as_str).is_some_and(|found| found != expected)
    };
    let bound = |name: &str| {
        let text = fields.get(ATTRIBUTES).and_then(|attributes| attributes.get(name)).and_then(Value::as_str);
        text == Some("true")
    };
    let expected: [(&'static str, Value, bool); 7] = [
        ("publicClient", false.into(), is_on(fields, "publicClient")),
        ("bearerOnly", false.into(), is_on(fields, "bearerOnly")),
        (ENABLED, true.into(), !is_enabled(fields)),
        ("protocol", "openid-connect".into(), differs("protocol", "openid-connect")),
        (
            "clientAuthenticatorType",
            "client-secret".into(),
            differs("clientAuthenticatorType", "client-secret"),
        ),
        (DPOP_BOUND, "false".into(), bound(DPOP_BOUND)),
        (CERTIFICATE_BOUND, "false".into(), bound(CERTIFICATE_BOUND)),
    ];
    let found = |name: &str| fields.get(name).or_else(|| fields.get(ATTRIBUTES)?.get(name)).cloned();
    let obstacle = |(field, needed, stands)| Obstacle { field, needed, found: found(field), stands };
    expected.into_iter().map(obstacle).filter(|obstacle: &Obstacle| obstacle.stands).collect()
}

/// Whether a client with these fields is enabled. The server always shows it.
pub(crate) fn is_enabled(fields: &Map<String, Value>) -> bool {
    fields.get(ENABLED) != Some(&Value::Bool(false))
}

/// Whether two values are equal. The server returns some lists in another order each time (observed on Keycloak
/// 26.7.3).
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().all(|item| other.iter().any(|other| same(item, other)))
        }
        (Value::Object(one), Value::Object(other)) => same_fields(one, other),
        _ => one == other,
    }
}

fn same_fields(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    one.len() == other.len()
        && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| same(value, other)))
}

/// A field that keeps a client from being a service account.
pub(crate) struct Obstacle {
    /// The name of the field, or of the attribute.
    field: &'static str,
    needed: Value,
    found: Option<Value>,
    stands: bool,
}

impl Obstacle {
    /// The field and its value, for an error.
    pub(crate) fn describe(&self) -> String {
        // It is what the server stores, so it can be long, and can contain characters that a terminal interprets.
        let found =
            self.found.as_ref().map_or_else(|| "not set".to_owned(), |found| excerpt(&found.to_string()));
        let parent = if self.is_attribute() { "attributes." } else { "" };
        format!("`{parent}{}` is {found}", self.field)
    }

    /// Whether this is about the field, not about an attribute.
    pub(crate) fn is_field(&self, name: &str) -> bool {
        !self.is_attribute() && self.field == name
    }

    /// Whether both are about the same field or attribute.
    pub(crate) fn is_about_same(&self, other: &Self) -> bool {
        self.field == other.field
    }

    /// Whether the body of an update sets the field. The attributes say how a client signs in, not of which kind it is, so
    /// setting them converts nothing.
    pub(crate) fn is_set_in(&self, body: &Map<String, Value>) -> bool {
        !self.is_attribute() && body.contains_key(self.field)
    }

    /// Adds the value that a service account needs to the body of an update.
    pub(crate) fn add_needed(self, body: &mut Map<String, Value>) {
        if !self.is_attribute() {
            body.insert(self.field.to_owned(), self.needed);
            return;
        }
        let attributes = body.entry(ATTRIBUTES).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(attributes) = attributes {
            attributes.insert(self.field.to_owned(), self.needed);
        }
    }

    fn is_attribute(&self) -> bool {
        [DPOP_BOUND, CERTIFICATE_BOUND].contains(&self.field)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn client(fields: Value) -> StoredClient {
        let Value::Object(fields) = fields else { panic!("an object") };
        StoredClient { uuid: ClientUuid::new("u").unwrap(), id: "c".to_owned(), secret: None, fields }
    }

    #[test]
    fn each_kind_of_client_that_cannot_sign_in_by_secret_is_named() {
        for (fields, expected) in [
            (json!({"publicClient": true}), "`publicClient` is true"),
            (json!({"bearerOnly": true}), "`bearerOnly` is true"),
            (json!({"enabled": false}), "`enabled` is false"),
            (json!({"protocol": "saml"}), "`protocol` is \"saml\""),
            (json!({"clientAuthenticatorType": "client-jwt"}), "`clientAuthenticatorType` is \"client-jwt\""),
            (
                json!({"attributes": {DPOP_BOUND: "true"}}),
                "`attributes.dpop.bound.access.tokens` is \"true\"",
            ),
            (
                json!({"attributes": {CERTIFICATE_BOUND: "true"}}),
                "`attributes.tls.client.certificate.bound.access.tokens` is \"true\"",
            ),
        ] {
            let obstacles: Vec<String> = client(fields).obstacles().iter().map(Obstacle::describe).collect();
            assert_eq!(obstacles, [expected]);
        }
        assert!(client(json!({"protocol": "openid-connect", "enabled": true})).obstacles().is_empty());
    }

    #[test]
    fn what_is_needed_is_put_where_it_belongs() {
        let mut body = Map::new();
        for obstacle in client(json!({"publicClient": true, "attributes": {DPOP_BOUND: "true"}})).obstacles()
        {
            assert_eq!(obstacle.is_field("publicClient"), obstacle.describe().contains("publicClient"));
            obstacle.add_needed(&mut body);
        }
        assert_eq!(Value::Object(body), json!({"publicClient": false, "attributes": {DPOP_BOUND: "false"}}));
    }

    #[test]
    fn a_client_is_the_same_in_any_order_of_its_lists() {
        let scopes = |scopes: Value| client(json!({"attributes": {"a": "1"}, "defaultClientScopes": scopes}));
        let before = scopes(json!(["basic", "roles"]));
        assert!(scopes(json!(["roles", "basic"])).is_as(&before));
        assert!(!scopes(json!(["roles"])).is_as(&before));
        assert!(!scopes(json!(["roles", "email"])).is_as(&before));
        assert!(!client(json!({"attributes": {"a": "2"}})).is_as(&client(json!({"attributes": {"a": "1"}}))));
        let mut rotated = scopes(json!(["basic", "roles"]));
        rotated.secret = Some(SecretString::from("s"));
        assert!(!rotated.is_as(&before) && !before.is_as(&rotated) && rotated.is_as(&rotated));
    }

    #[test]
    fn a_missing_or_empty_secret_is_lacking() {
        let mut found = client(json!({}));
        assert!(found.lacks_secret());
        found.secret = Some(SecretString::from(""));
        assert!(found.lacks_secret());
        found.secret = Some(SecretString::from("s"));
        assert!(!found.lacks_secret());
    }
}
