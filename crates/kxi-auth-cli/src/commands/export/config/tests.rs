use kxi_auth_core::{ClientConfig, ClientManager, SecretString};

use super::*;

/// The config and the notes for a new client with these fields added. The core decides what is rejected.
fn exported(fields: Value, scopes: Option<&ClientScopes>) -> (Value, Vec<String>) {
    let builder = ClientManager::builder().host("https://insights.example.com");
    let manager = builder.admin_client("admin", SecretString::from("s")).build().unwrap();
    let rejection = |fields: &Map<String, Value>| {
        let config = ClientConfig::from_map(fields.clone());
        manager.register_client("svc").config(config).check().err().map(|error| error.to_string())
    };
    let Value::Object(mut stored) = new_client() else { panic!("an object") };
    let Value::Object(fields) = fields else { panic!("an object") };
    stored.extend(fields);
    let mut notes = Vec::new();
    let config = config(&stored, scopes, &rejection, &mut notes);
    assert_eq!(rejection(&config), None, "{config:?}");
    (Value::Object(config), notes)
}

/// A service account that was created with only its client ID (observed on Keycloak 26.7.3).
fn new_client() -> Value {
    json!({
        "id": "e29303b2", "clientId": "svc", "surrogateAuthRequired": false, "enabled": true,
        "alwaysDisplayInConsole": false, "clientAuthenticatorType": "client-secret", "redirectUris": [],
        "webOrigins": [], "notBefore": 0, "bearerOnly": false, "consentRequired": false,
        "standardFlowEnabled": false, "implicitFlowEnabled": false, "directAccessGrantsEnabled": false,
        "serviceAccountsEnabled": true, "publicClient": false, "frontchannelLogout": false,
        "protocol": "openid-connect", "authenticationFlowBindingOverrides": {}, "fullScopeAllowed": true,
        "attributes": {"realm_client": "false", "client.secret.creation.time": "1795634133"},
        "nodeReRegistrationTimeout": -1, "defaultClientScopes": ["basic"], "optionalClientScopes": [],
        "access": {"view": true, "configure": true, "manage": true}
    })
}

#[test]
fn of_a_new_service_account_there_is_nothing_to_say() {
    assert_eq!(exported(json!({}), None), (json!({}), Vec::new()));
    let older = json!({"description": "", "baseUrl": null, "newer": {"flag": false, "list": []}});
    assert_eq!(exported(older, None), (json!({}), Vec::new()));
}

#[test]
fn what_differs_is_said() {
    let differing = json!({
        "description": "d", "standardFlowEnabled": true, "fullScopeAllowed": false, "surrogateAuthRequired": true,
        "alwaysDisplayInConsole": true, "nodeReRegistrationTimeout": 30, "type": "t", "adminUrl": "https://a",
        "webOrigins": ["+"], "attributes": {"team": "007"}
    });
    assert_eq!(exported(differing.clone(), None), (differing, Vec::new()));
}

#[test]
fn what_belongs_together_is_said_together() {
    let consent = json!({"consentRequired": true});
    assert_eq!(exported(consent, None).0, json!({"consentRequired": true, "fullScopeAllowed": true}));
    let narrow = json!({"consentRequired": true, "fullScopeAllowed": false});
    assert_eq!(exported(narrow.clone(), None).0, narrow);
    let uris = json!({"redirectUris": ["https://a/*"]});
    assert_eq!(exported(uris, None).0, json!({"redirectUris": ["https://a/*"], "webOrigins": []}));
    let mut scopes = ClientScopes::default();
    scopes.default = vec!["roles".to_owned()];
    let expected = json!({"defaultClientScopes": ["roles"], "optionalClientScopes": []});
    assert_eq!(exported(json!({}), Some(&scopes)), (expected, Vec::new()));
}

/// The config and the notes of a client. Checks that neither contains the word `planted`.
fn left_out(fields: Value) -> (Value, Vec<String>) {
    let (config, notes) = exported(fields, None);
    assert!(!notes.iter().any(|note| note.contains("planted")), "{notes:?}");
    assert!(!config.to_string().contains("planted"), "{config}");
    (config, notes)
}

#[test]
fn what_is_left_out_is_named_with_its_reason() {
    for (fields, expected) in [
        (
            json!({"protocolMappers": [{"name": "planted"}]}),
            "`protocolMappers` is left out: it may hold secrets",
        ),
        (json!({"newSecretThing": "planted"}), "`newSecretThing` is left out: it may hold secrets"),
        (json!({"notBefore": 17}), "`notBefore` is left out: a later `apply`"),
        (json!({"registeredNodes": {"planted": 1}}), "`registeredNodes` is left out"),
        (
            json!({"authenticationFlowBindingOverrides": {"browser": "planted"}}),
            "`authenticationFlowBindingOverrides` is left out",
        ),
        (json!({"unheardOf": "planted"}), "unknown field `unheardOf`"),
        (json!({"attributes": {"db.password": "planted"}}), "the attribute `db.password` is left out"),
        (
            json!({"attributes": {"tls.client.certificate.bound.access.tokens": "true"}}),
            "`attributes.tls.client.certificate.bound.access.tokens` must not be true",
        ),
        (
            json!({"attributes": {"dpop.bound.access.tokens": "true"}}),
            "`attributes.dpop.bound.access.tokens` must not be true",
        ),
        (
            json!({"attributes": {"access.token.signed.response.alg": "planted"}}),
            "`attributes.access.token.signed.response.alg` is not a signature",
        ),
    ] {
        let (config, notes) = left_out(fields);
        assert_eq!(config, json!({}));
        assert!(notes.len() == 1 && notes[0].contains(expected), "{expected}: {notes:?}");
    }
}

#[test]
fn one_part_that_is_left_out_leaves_the_others_in() {
    let (config, notes) = left_out(json!({
        "description": "d", "unheardOf": 1, "attributes": {"dpop.bound.access.tokens": "true", "team": "a"}
    }));
    assert_eq!(config, json!({"description": "d", "attributes": {"team": "a"}}));
    assert_eq!(notes.len(), 2, "{notes:?}");
}

#[test]
fn authorization_services_are_exported_without_their_settings() {
    let (config, notes) = left_out(json!({"authorizationServicesEnabled": true}));
    assert_eq!(config, json!({"authorizationServicesEnabled": true}));
    assert!(notes[0].starts_with("its resources, policies and permissions are left out"), "{notes:?}");
}
