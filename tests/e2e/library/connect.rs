//! The ways to connect: as a user, as a client, with an HTTP client of one's own; with the least rights.

use kxi_auth_core::{ClientConfig, ClientManager, Error, ExposeSecret as _, Roles, SecretString};
use kxi_auth_tests::keycloak::realm::TestRealm;
use serde_json::json;

use crate::setup::{connect, connect_as_admin_with, manager, realm};

/// All that managing auth clients needs, as roles of the client `realm-management`.
const LEAST: [&str; 3] = ["manage-clients", "manage-users", "view-realm"];

/// Gives a service account the least rights; returns its secret.
async fn least_privileged_client(realm: &TestRealm) -> SecretString {
    let client = manager(realm).register_client("automation").roles(Roles::None).await.unwrap().client;
    let user = realm.get(&format!("/clients/{}/service-account-user", client.uuid)).await.unwrap();
    let management = realm.get("/clients?clientId=realm-management").await.unwrap()[0]["id"].clone();
    let management = management.as_str().unwrap();
    let mut roles = Vec::new();
    for role in LEAST {
        roles.push(realm.get(&format!("/clients/{management}/roles/{role}")).await.unwrap());
    }
    let path = format!("/users/{}/role-mappings/clients/{management}", user["id"].as_str().unwrap());
    realm.post(&path, &json!(roles)).await.unwrap();
    client.secret.unwrap()
}

/// Every operation of the manager, once.
async fn do_everything(manager: &ClientManager) {
    let client = manager.register_client("svc").token_lifespan(60).await.unwrap().client;
    manager.register_client("svc").await.unwrap();
    assert!(!manager.all_roles().await.unwrap().is_empty());
    manager.update_client(&client).config(ClientConfig::new().description("d")).await.unwrap();
    let client = manager.rotate_secret(&client).await.unwrap();
    manager.revoke_roles(&client, Roles::named(["all"])).await.unwrap();
    manager.assign_roles(&client, Roles::named(["all"])).await.unwrap();
    assert!(!manager.service_account_roles(&client).await.unwrap().is_empty());
    assert!(manager.list_clients().await.unwrap().iter().any(|listed| listed.uuid == client.uuid));
    let found = manager.get_client("svc").await.unwrap();
    assert_eq!(found.secret.unwrap().expose_secret(), client.secret.as_ref().unwrap().expose_secret());
    assert!(manager.get_client("svc").with_secret(false).await.unwrap().secret.is_none());
    manager.client_token("svc", client.secret.as_ref().unwrap()).await.unwrap();
    manager.delete_client_by_uuid(&client.uuid).await.unwrap();
    manager.register_new_client("svc").await.unwrap();
    manager.delete_client("svc").await.unwrap();
}

#[tokio::test]
async fn an_admin_of_the_realm_with_the_least_rights_can_do_everything() {
    let realm = realm().await;
    let least = connect_as_admin_with(&realm, &LEAST).await.build().unwrap();
    do_everything(&least).await;
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_client_signs_in_instead_of_a_person() {
    let realm = realm().await;
    let secret = least_privileged_client(&realm).await;
    let automation = ClientManager::builder()
        .host(realm.server().host())
        .realm(realm.name())
        .admin_realm(realm.name())
        .admin_client("automation", secret)
        .build()
        .unwrap();
    do_everything(&automation).await;
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_session_of_ones_own_replaces_the_sign_in() {
    let realm = realm().await;
    let secret = least_privileged_client(&realm).await;
    let token = manager(&realm).client_token("automation", &secret).await.unwrap().token;
    let mut headers = reqwest::header::HeaderMap::new();
    let mut bearer =
        reqwest::header::HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).unwrap();
    bearer.set_sensitive(true);
    headers.insert("authorization", bearer);
    let build = |headers| reqwest::Client::builder().no_proxy().default_headers(headers).build().unwrap();
    let host = realm.server().host();
    let with =
        |session| ClientManager::builder().host(&host).realm(realm.name()).session(session).build().unwrap();
    do_everything(&with(build(headers))).await;
    let error = with(build(reqwest::header::HeaderMap::new())).all_roles().await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { .. }), "{error}");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn keycloak_may_have_an_address_of_its_own() {
    let realm = realm().await;
    let host = "https://insights.example.com";
    let manager = connect(&realm).host(host).keycloak_url(realm.server().host()).build().unwrap();
    let client = manager.register_client("svc").await.unwrap();
    assert_eq!(client.host, host);
    realm.delete().await.unwrap();
}
