//! The commands for clients and their roles: what each does to the server, and what it says.

mod guarded;
mod in_doubt;
mod life;
mod list;
mod permissions_client;
mod register;
mod roles;
mod secrets;
mod token;

use kxi_auth_tests::keycloak::realm::TestRealm;
use serde_json::Value;

use crate::setup::sorted;

/// The client as the server stores it, if it is there.
pub(super) async fn stored(realm: &TestRealm, id: &str) -> Option<Value> {
    let found = realm.get(&format!("/clients?clientId={id}")).await.unwrap();
    found.as_array().unwrap().first().cloned()
}

pub(super) async fn secret(realm: &TestRealm, id: &str) -> String {
    stored(realm, id).await.unwrap()["secret"].as_str().unwrap().to_owned()
}

/// The realm roles of the service account, as the server returns them, sorted.
pub(super) async fn roles(realm: &TestRealm, id: &str) -> Vec<String> {
    let uuid = stored(realm, id).await.unwrap()["id"].as_str().unwrap().to_owned();
    let user = realm.get(&format!("/clients/{uuid}/service-account-user")).await.unwrap();
    let user = user["id"].as_str().unwrap();
    let mapped = realm.get(&format!("/users/{user}/role-mappings/realm")).await.unwrap();
    sorted(mapped.as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()))
}

pub(super) fn default(realm: &TestRealm) -> String {
    format!("default-roles-{}", realm.name())
}
