//! What an update leaves as it is, in every way that this crate sends one.

use kxi_auth_core::{AuthClient, ClientConfig, ClientManager, Roles, SecretString};
use kxi_auth_tests::keycloak::differences::FLAG_LEFT_OUT;
use kxi_auth_tests::keycloak::realm::TestRealm;
use serde_json::{Value, json};

use crate::setup::{expected, manager, realm, sorted, stored_client};

/// The service account's user and the names of its realm roles, as the server has them.
async fn service_account(realm: &TestRealm, client: &AuthClient) -> (Value, Vec<String>) {
    let user =
        realm.get(&format!("/clients/{}/service-account-user", client.uuid)).await.unwrap()["id"].clone();
    let path = format!("/users/{}/role-mappings/realm", user.as_str().unwrap());
    let roles = realm.get(&path).await.unwrap();
    let names = roles.as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap());
    (user, sorted(names))
}

/// Every way of this crate to send a PUT.
async fn change_in_every_way(manager: &ClientManager, client: &AuthClient) {
    let secret = SecretString::from("by register_client");
    manager.register_client(&client.id).secret(secret).roles(Roles::None).await.unwrap();
    manager.register_client(&client.id).token_lifespan(120).roles(Roles::None).await.unwrap();
    manager.update_client(client).secret(SecretString::from("by update_client")).await.unwrap();
    manager.update_client(client).token_lifespan(240).await.unwrap();
    let config = ClientConfig::new().description("changed").attribute("owner", "me");
    manager.update_client(client).config(config).await.unwrap();
}

#[tokio::test]
async fn an_update_keeps_the_service_account_and_its_roles() {
    let realm = realm().await;
    let manager = manager(&realm);
    let client = manager.register_client("svc").await.unwrap();
    let before = service_account(&realm, &client).await;
    change_in_every_way(&manager, &client).await;
    assert_eq!(service_account(&realm, &client).await, before);
    let stored = stored_client(&realm, client.uuid.as_str()).await;
    assert_eq!(stored["secret"], json!("by update_client"));
    assert_eq!(stored["attributes"]["access.token.lifespan"], json!("240"));
    assert_eq!(stored["attributes"]["owner"], json!("me"));
    realm.delete().await.unwrap();
}

/// The server's own behavior, which the update above is made for.
#[tokio::test]
async fn a_put_without_the_service_account_flag_destroys_it_on_old_servers() {
    let realm = realm().await;
    let client = manager(&realm).register_client("svc").await.unwrap();
    let before = service_account(&realm, &client).await;
    realm.put(&format!("/clients/{}", client.uuid), &json!({"clientId": "svc"})).await.unwrap();
    if expected(&realm, &FLAG_LEFT_OUT, true, false).await {
        assert_eq!(service_account(&realm, &client).await, before);
    } else {
        let gone = realm.get(&format!("/users/{}", before.0.as_str().unwrap())).await.unwrap_err();
        assert!(format!("{gone:#}").contains("404"), "{gone:#}");
    }
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_update_keeps_the_authorization_settings() {
    let realm = realm().await;
    let manager = manager(&realm);
    let client = manager.register_client("svc").await.unwrap();
    let path = format!("/clients/{}", client.uuid);
    let on = json!({"clientId": "svc", "serviceAccountsEnabled": true, "authorizationServicesEnabled": true});
    realm.put(&path, &on).await.unwrap();
    let resource = json!({"name": "a resource", "uris": ["/a"]});
    realm.post(&format!("{path}/authz/resource-server/resource"), &resource).await.unwrap();
    let settings = format!("{path}/authz/resource-server/settings");
    let before = realm.get(&settings).await.unwrap();

    change_in_every_way(&manager, &client).await;
    assert_eq!(realm.get(&settings).await.unwrap(), before);

    // The server's own behavior, which the update is made for: without the flag all of it is wiped.
    realm.put(&path, &json!({"clientId": "svc", "serviceAccountsEnabled": true})).await.unwrap();
    let after = realm.get(&settings).await;
    assert!(after.is_err() || after.unwrap() != before);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn fields_of_a_newer_server_and_everything_else_survive() {
    let realm = realm().await;
    let manager = manager(&realm);
    let client = manager.register_client("svc").await.unwrap();
    let path = format!("/clients/{}", client.uuid);
    let rich = json!({
        "clientId": "svc", "serviceAccountsEnabled": true, "name": "A name", "description": "Text",
        "redirectUris": ["https://a.example.com/*"], "webOrigins": ["+"], "consentRequired": false,
        "attributes": {"one": "1", "two": "2"},
        "protocolMappers": [{
            "name": "audience", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
            "config": {"included.custom.audience": "x", "access.token.claim": "true"},
        }],
    });
    realm.put(&path, &rich).await.unwrap();
    let before = stored_client(&realm, client.uuid.as_str()).await;

    manager.register_client("svc").secret(SecretString::from("new")).token_lifespan(60).await.unwrap();
    let mut after = stored_client(&realm, client.uuid.as_str()).await;
    assert_eq!(after["secret"], json!("new"));
    assert_eq!(after["attributes"]["access.token.lifespan"], json!("60"));
    after["secret"] = before["secret"].clone();
    after["attributes"].as_object_mut().unwrap().remove("access.token.lifespan");
    // The server's own bookkeeping of secrets.
    after["attributes"].as_object_mut().unwrap().remove("client.secret.creation.time");
    let mut expected = before;
    expected["attributes"].as_object_mut().unwrap().remove("client.secret.creation.time");
    assert_eq!(after, expected);
    realm.delete().await.unwrap();
}
