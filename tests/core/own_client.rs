//! The client that the admin signs in as, which only the token says.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kxi_auth_core::{AuthClient, ClientConfig, ClientManager, ClientUuid, Error, Roles, SecretString};
use serde_json::{Value, json};
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::unrecorded::answers;

/// A server whose tokens were issued by this realm to `registrar`, and its manager of the realm `insights`.
async fn signed_in_to(realm: &str) -> Result<(MockServer, ClientManager)> {
    let server = MockServer::start().await;
    let claims = json!({"iss": format!("https://elsewhere/auth/realms/{realm}"), "azp": "registrar"});
    let token = format!("h.{}.s", URL_SAFE_NO_PAD.encode(claims.to_string()));
    answers(&server, "POST", "/token$", 200, json!({"access_token": token, "expires_in": 300})).await;
    let own = json!({"id": "u-1", "clientId": "registrar", "secret": "s", "enabled": true, "serviceAccountsEnabled": true});
    let stored = Arc::new(Mutex::new(own.clone()));
    let shown = Arc::clone(&stored);
    let show = move |_: &Request| {
        ResponseTemplate::new(200).set_body_json(&*shown.lock().unwrap_or_else(PoisonError::into_inner))
    };
    Mock::given(method("GET")).and(path_regex("/clients/u-1$")).respond_with(show).mount(&server).await;
    let store = move |request: &Request| {
        let sent: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let mut stored = stored.lock().unwrap_or_else(PoisonError::into_inner);
        for (field, value) in sent.as_object().into_iter().flatten() {
            stored[field] = value.clone();
        }
        ResponseTemplate::new(204)
    };
    Mock::given(method("PUT")).and(path_regex("/clients/u-1$")).respond_with(store).mount(&server).await;
    answers(&server, "GET", "/clients$", 200, json!([own])).await;
    answers(&server, "POST", "/clients$", 409, json!({"errorMessage": "Client registrar already exists"}))
        .await;
    answers(&server, "DELETE", "/clients/u-1$", 204, json!(null)).await;
    answers(&server, "POST", "/client-secret$", 200, json!({"type": "secret", "value": "new"})).await;
    let builder = ClientManager::builder().host(server.uri()).base_path("/").retries(0).admin_realm(realm);
    let manager = builder.admin_client("registrar", SecretString::from("s")).build()?;
    Ok((server, manager))
}

fn disabling() -> ClientConfig {
    ClientConfig::new().set("enabled", false)
}

#[tokio::test]
async fn its_end_is_rejected_before_anything_is_written() {
    let (server, manager) = signed_in_to("insights").await.unwrap();
    // The caller's copy has another ID: what is stored counts.
    let client = AuthClient::new(manager.host(), "outdated", ClientUuid::new("u-1").unwrap());
    let own = |error: Error| {
        assert!(matches!(&error, Error::OwnClient { client_id, .. } if client_id == "registrar"), "{error}");
        assert!(error.is_usage() && error.hint().is_some());
    };
    assert_eq!(manager.own_client().await.unwrap().as_deref(), Some("registrar"));
    own(manager.delete_client("registrar").await.unwrap_err());
    own(manager.delete_client_by_uuid(&client.uuid).await.unwrap_err());
    own(manager.delete_client_by_uuid(&client.uuid).allow_builtin(true).await.unwrap_err());
    own(manager.rotate_secret(&client).await.unwrap_err());
    own(manager.rotate_secret(&client).allow_builtin(true).await.unwrap_err());
    own(manager.update_client(&client).config(disabling()).await.unwrap_err());
    let register = || manager.register_client("registrar").roles(Roles::None);
    own(register().secret(SecretString::from("another")).await.unwrap_err());
    own(register().secret(SecretString::from("another")).plan().await.unwrap_err());
    for outcome in manager.register_clients([register().secret(SecretString::from("another"))]).await {
        own(outcome.unwrap_err());
    }
    for outcome in manager.delete_clients([manager.delete_client("registrar")]).await {
        own(outcome.unwrap_err());
    }
    for outcome in manager.update_clients([manager.update_client(&client).config(disabling())]).await {
        own(outcome.unwrap_err());
    }
    let requests = server.received_requests().await.unwrap();
    let written = requests.iter().filter(|sent| {
        // The tokens, and the creates that the server rejects, change nothing.
        !["GET", "POST"].contains(&sent.method.as_str()) || sent.url.path().ends_with("/client-secret")
    });
    assert_eq!(written.count(), 0);

    register().await.unwrap();
    manager.update_client(&client).token_lifespan(60).await.unwrap();
    manager.update_client(&client).config(disabling()).allow_self(true).await.unwrap();
    manager.rotate_secret(&client).allow_self(true).await.unwrap();
    manager.delete_client_by_uuid(&client.uuid).allow_self(true).await.unwrap();
    manager.delete_client("registrar").allow_self(true).await.unwrap();
}

/// A client of the same name in another realm is another client.
#[tokio::test]
async fn a_client_of_another_realm_is_not_its_own() {
    let (_server, manager) = signed_in_to("master").await.unwrap();
    let client = manager.get_client("registrar").await.unwrap();
    assert_eq!(manager.own_client().await.unwrap(), None);
    manager.update_client(&client).config(disabling()).await.unwrap();
    manager.rotate_secret(&client).await.unwrap();
    manager.delete_client("registrar").await.unwrap();
}
