//! The protocol mappers that the server itself adds to a client.

use kxi_auth_core::serde_json::{Value, json};

/// The name of each, and the note of the session that it puts into the token under the same name.
const ADDED: [(&str, &str); 3] =
    [("Client ID", "client_id"), ("Client Host", "clientHost"), ("Client IP Address", "clientAddress")];

/// Whether the server added all of these mappers: up to Keycloak 26.0 it does so when a service account is turned on
/// (observed on Keycloak 22.0.5 and 26.0.8). One that somebody has changed since does not count.
pub(super) fn are_the_servers_own(mappers: &Value) -> bool {
    mappers.as_array().is_some_and(|mappers| mappers.iter().all(is_the_servers_own))
}

fn is_the_servers_own(mapper: &Value) -> bool {
    let mut found = mapper.clone();
    if let Some(found) = found.as_object_mut() {
        found.remove("id");
    }
    ADDED.iter().any(|(name, note)| {
        let mut expected = json!({
            "name": name,
            "protocol": "openid-connect",
            "protocolMapper": "oidc-usersessionmodel-note-mapper",
            "consentRequired": false,
            "config": {
                "user.session.note": note,
                "id.token.claim": "true",
                "access.token.claim": "true",
                "claim.name": note,
                "jsonType.label": "String",
            },
        });
        // Keycloak 22.0.5 does not set this one.
        let introspected = found.pointer("/config/introspection.token.claim").cloned();
        if let (Some(value), Some(config)) =
            (introspected, expected.get_mut("config").and_then(Value::as_object_mut))
        {
            if value != "true" {
                return false;
            }
            config.insert("introspection.token.claim".to_owned(), value);
        }
        found == expected
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Keycloak 26.0.8 stores it.
    fn client_id() -> Value {
        json!({
            "id": "85c7eb8a-51f8-45f8-8e30-b7a9c0bbf4a0",
            "name": "Client ID",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-usersessionmodel-note-mapper",
            "consentRequired": false,
            "config": {
                "user.session.note": "client_id",
                "introspection.token.claim": "true",
                "id.token.claim": "true",
                "access.token.claim": "true",
                "claim.name": "client_id",
                "jsonType.label": "String",
            },
        })
    }

    #[test]
    fn only_mappers_as_the_server_added_them_count() {
        let mut older = client_id();
        older["config"].as_object_mut().unwrap().remove("introspection.token.claim");
        for own in [json!([]), json!([client_id()]), json!([older, client_id()])] {
            assert!(are_the_servers_own(&own), "{own}");
        }
        let changed = |path: &str, value: Value| {
            let mut mapper = client_id();
            *mapper.pointer_mut(path).unwrap() = value;
            json!([client_id(), mapper])
        };
        for other in [
            changed("/name", json!("Client Host")),
            changed("/protocolMapper", json!("oidc-hardcoded-claim-mapper")),
            changed("/config/claim.name", json!("client")),
            changed("/config/access.token.claim", json!("false")),
            changed("/config/introspection.token.claim", json!("false")),
            json!([{"name": "Client ID"}]),
            json!(null),
            json!({}),
        ] {
            assert!(!are_the_servers_own(&other), "{other}");
        }
    }
}
