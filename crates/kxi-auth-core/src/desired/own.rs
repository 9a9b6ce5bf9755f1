//! Changes of a client that would keep it from signing in as it does now.

use serde_json::{Map, Value};

use crate::error::Error;
use crate::model::fields::SERVICE_ACCOUNTS_ENABLED;
use crate::model::stored_client::StoredClient;

/// Rejects a change of the admin's own client that would end its sign-in, or leave its tokens without roles.
pub(super) fn reject_end_of_sign_in(
    stored: &StoredClient,
    fields: &Map<String, Value>,
    new_secret: bool,
) -> Result<(), Error> {
    let rejected = |change: String| Err(Error::OwnClient { client_id: stored.id.clone(), change });
    if new_secret {
        return rejected("its secret would change".to_owned());
    }
    let changed = |name: &str| fields.get(name).filter(|value| stored.fields.get(name) != Some(value));
    let harmful = |name: &str, value: &Value| match name {
        "enabled" | "fullScopeAllowed" | SERVICE_ACCOUNTS_ENABLED => *value == Value::Bool(false),
        "publicClient" | "bearerOnly" => *value == Value::Bool(true),
        "protocol" | "clientAuthenticatorType" => true,
        _ => false,
    };
    for name in fields.keys() {
        if let Some(value) = changed(name).filter(|value| harmful(name, value)) {
            return rejected(format!("`{name}` would be {value}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::client_uuid::ClientUuid;

    fn object(fields: Value) -> Map<String, Value> {
        let Value::Object(fields) = fields else { panic!("an object") };
        fields
    }

    #[test]
    fn only_what_ends_the_sign_in_is_rejected() {
        let fields = object(json!({"enabled": true, "clientAuthenticatorType": "client-secret"}));
        let stored =
            StoredClient { uuid: ClientUuid::new("u").unwrap(), id: "own".to_owned(), secret: None, fields };
        let outcome = |fields: Value, secret| reject_end_of_sign_in(&stored, &object(fields), secret);
        for harmless in [
            json!({}),
            json!({"description": "x", "fullScopeAllowed": true, "publicClient": false}),
            json!({"clientAuthenticatorType": "client-secret", "enabled": true, "serviceAccountsEnabled": true}),
        ] {
            outcome(harmless, false).unwrap();
        }
        for harmful in [
            json!({"enabled": false}),
            json!({"serviceAccountsEnabled": false}),
            json!({"fullScopeAllowed": false}),
            json!({"publicClient": true}),
            json!({"bearerOnly": true}),
            json!({"protocol": "saml"}),
            json!({"clientAuthenticatorType": "client-jwt"}),
        ] {
            let error = outcome(harmful.clone(), false).unwrap_err();
            assert!(matches!(error, Error::OwnClient { .. }) && error.is_usage(), "{harmful}: {error}");
        }
        let error = outcome(json!({}), true).unwrap_err().to_string();
        assert!(error.starts_with("this admin signs in as the client `own`, and its secret"), "{error}");
    }
}
