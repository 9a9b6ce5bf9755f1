//! Changes of a client that would keep it from signing in as it does now.

use serde_json::{Map, Value};

use crate::error::Error;
use crate::model::fields::SERVICE_ACCOUNTS_ENABLED;
use crate::model::stored_client::StoredClient;

/// The field with the time, in seconds since 1970, from which on issued tokens are valid.
const NOT_BEFORE: &str = "notBefore";

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
        // Tokens that were issued earlier are void, so a time in the future voids each new one (observed on Keycloak
        // 26.7.3). The clock of this machine does not decide whether the time is in the future for the server.
        NOT_BEFORE => {
            value.as_i64() > Some(stored.fields.get(NOT_BEFORE).and_then(Value::as_i64).unwrap_or(0))
        }
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
        let fields =
            object(json!({"enabled": true, "clientAuthenticatorType": "client-secret", "notBefore": 100}));
        let stored =
            StoredClient { uuid: ClientUuid::new("u").unwrap(), id: "own".to_owned(), secret: None, fields };
        let outcome = |fields: Value, secret| reject_end_of_sign_in(&stored, &object(fields), secret);
        for harmless in [
            json!({}),
            json!({"description": "x", "fullScopeAllowed": true, "publicClient": false}),
            json!({"clientAuthenticatorType": "client-secret", "enabled": true, "serviceAccountsEnabled": true}),
            json!({"notBefore": 100}),
            json!({"notBefore": 0}),
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
            json!({"notBefore": 101}),
        ] {
            let error = outcome(harmful.clone(), false).unwrap_err();
            assert!(matches!(error, Error::OwnClient { .. }) && error.is_usage(), "{harmful}: {error}");
        }
        let error = outcome(json!({}), true).unwrap_err().to_string();
        assert!(error.starts_with("this admin signs in as the client `own`, and its secret"), "{error}");
    }
}
