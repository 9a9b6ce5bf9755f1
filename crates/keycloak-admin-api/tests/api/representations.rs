//! What is read and then written back stays the same.

use keycloak_admin_api::types;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn read_and_write<T: DeserializeOwned + Serialize>(value: &Value) -> Value {
    let read: T = serde_json::from_value(value.clone()).unwrap();
    serde_json::to_value(read).unwrap()
}

#[track_caller]
fn survives<T: DeserializeOwned + Serialize>(value: &Value) {
    assert_eq!(read_and_write::<T>(value), *value);
}

#[test]
fn an_empty_list_is_sent_and_an_absent_one_is_not() {
    let cleared = types::ClientRepresentation {
        redirect_uris: Some(vec![]),
        protocol_mappers: Some(vec![]),
        ..Default::default()
    };
    assert_eq!(serde_json::to_value(cleared).unwrap(), json!({"redirectUris": [], "protocolMappers": []}));
    survives::<types::ClientRepresentation>(&json!({"webOrigins": []}));
    survives::<types::GroupRepresentation>(&json!({"subGroups": [], "realmRoles": []}));
    survives::<types::ClientRepresentation>(&json!({}));
}

#[test]
fn an_empty_map_is_sent_and_an_absent_one_is_not() {
    let cleared = types::ClientRepresentation { attributes: Some([].into()), ..Default::default() };
    assert_eq!(serde_json::to_value(cleared).unwrap(), json!({"attributes": {}}));
    survives::<types::UserRepresentation>(&json!({"attributes": {}, "clientRoles": {}}));
}

#[test]
fn fields_of_a_newer_server_survive() {
    survives::<types::ClientRepresentation>(&json!({
        "clientId": "svc",
        "aNewFlag": true,
        "aNewThing": {"with": ["anything", 1, null]},
    }));
    survives::<types::RoleRepresentation>(&json!({"name": "r", "new": 1}));
    survives::<types::RealmRepresentation>(&json!({"realm": "r", "new": [1.5]}));
}

#[test]
fn fields_of_a_newer_server_survive_in_what_lies_inside_too() {
    survives::<types::ClientRepresentation>(&json!({
        "protocolMappers": [{"name": "m", "new": "x", "config": {"a": "b"}}],
        "authorizationSettings": {
            "new": 1,
            "resources": [{"name": "r", "new": 2, "scopes": [{"name": "s", "new": 3}]}],
            "policies": [{"name": "p", "new": {"4": 5}}],
        },
    }));
    survives::<types::RoleRepresentation>(&json!({"composites": {"realm": ["r"], "new": true}}));
}

#[test]
fn unknown_values_are_kept_and_not_printed() {
    let client: types::ClientRepresentation = serde_json::from_value(json!({"newSecret": "s3cret"})).unwrap();
    assert_eq!(client.extra["newSecret"].0, json!("s3cret"));
    let printed = format!("{client:?}");
    assert!(printed.contains("newSecret") && !printed.contains("s3cret"), "{printed}");
}

#[test]
fn a_value_that_a_newer_server_adds_to_an_enumeration_is_accepted() {
    let new = json!("SOMETHING_NEW");
    survives::<types::BruteForceStrategy>(&new);
    survives::<types::DecisionEffect>(&new);
    survives::<types::DecisionStrategy>(&new);
    survives::<types::KeyUse>(&new);
    survives::<types::Logic>(&new);
    survives::<types::MembershipType>(&new);
    survives::<types::PolicyEnforcementMode>(&new);
    survives::<types::Status>(&new);
    survives::<types::StepExecutionStatus>(&new);
    survives::<types::UnmanagedAttributePolicy>(&new);
    survives::<types::ClientRepresentation>(&json!({
        "authorizationSettings": {"policyEnforcementMode": new, "decisionStrategy": new},
    }));
}
