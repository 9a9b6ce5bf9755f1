//! Answers that are lost or cut between a real server and the core.

use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kxi_auth_core::{AuthClient, ClientManager, Error, ExposeSecret as _, Roles, SecretString};
use kxi_auth_tests::keycloak::crowd::twenty_at_once;
use kxi_auth_tests::keycloak::realm::TestRealm;
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy, Framing};
use serde_json::json;
use tokio::time::Instant;

use crate::setup::{connect, manager, realm, sorted};

const CLIENTS: &str = "/clients";
const MAPPINGS: &str = "/role-mappings/realm";
const TOKEN: &str = "/protocol/openid-connect/token";

async fn proxy(realm: &TestRealm) -> FaultProxy {
    FaultProxy::start(&realm.server().host()).await.unwrap()
}

/// A manager that goes through the proxy.
fn through(realm: &TestRealm, proxy: &FaultProxy) -> ClientManager {
    connect(realm).host(proxy.host()).build().unwrap()
}

/// How many clients have this id, read past the proxy.
async fn clients_called(realm: &TestRealm, id: &str) -> usize {
    realm.get(&format!("/clients?clientId={id}")).await.unwrap().as_array().unwrap().len()
}

async fn signs_in(realm: &TestRealm, client: &AuthClient) -> bool {
    manager(realm).client_token(&client.id, client.secret.as_ref().unwrap()).await.is_ok()
}

async fn role_names(manager: &ClientManager, client: &AuthClient) -> Vec<String> {
    sorted(manager.service_account_roles(client).await.unwrap().into_iter().map(|role| role.name))
}

#[tokio::test]
async fn register_client_finds_what_it_created_when_the_answer_is_lost() {
    let realm = realm().await;
    let proxy = proxy(&realm).await;
    proxy.inject("POST", CLIENTS, 1..=1, Fault::Lose);
    proxy.inject("POST", MAPPINGS, 1..=1, Fault::Lose);
    let manager = through(&realm, &proxy);
    let client = manager.register_client("svc").await.unwrap();
    assert!(client.created);
    assert_eq!((proxy.count("POST", CLIENTS), proxy.count("POST", MAPPINGS)), (2, 2));
    assert_eq!(clients_called(&realm, "svc").await, 1);
    assert!(signs_in(&realm, &client).await);
    let all = sorted(manager.all_roles().await.unwrap().into_iter().map(|role| role.name));
    assert_eq!(role_names(&manager, &client).await, all);
    assert_eq!(sorted(client.roles_added.realm), all);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn register_new_client_finds_what_it_created_and_adopts_nothing_else() {
    let realm = realm().await;
    let proxy = proxy(&realm).await;
    proxy.inject("POST", CLIENTS, 1..=1, Fault::Lose);
    proxy.inject("POST", CLIENTS, 3..=3, Fault::Close);
    let manager = through(&realm, &proxy);
    let client = manager.register_new_client("svc").await.unwrap();
    assert_eq!(clients_called(&realm, "svc").await, 1);
    assert!(signs_in(&realm, &client).await);
    // That another request is repeated does not make the client its own.
    let error = manager.register_new_client("svc").await.unwrap_err();
    assert!(error.is_conflict(), "{error}");
    assert_eq!(proxy.count("POST", CLIENTS), 4);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_create_that_is_never_answered_is_completed_by_another_call() {
    let realm = realm().await;
    let proxy = proxy(&realm).await;
    proxy.inject("POST", CLIENTS, .., Fault::Lose);
    proxy.inject("GET", CLIENTS, .., Fault::Reset);
    let manager = connect(&realm).host(proxy.host()).retries(1).build().unwrap();
    let error = manager.register_client("svc").await.unwrap_err();
    assert!(matches!(error, Error::Incomplete(_)) && error.is_unavailable(), "{error}");
    proxy.heal();
    let client = manager.register_client("svc").await.unwrap();
    assert!(!client.created && !client.roles_added.is_empty());
    assert!(signs_in(&realm, &client).await);
    assert_eq!(clients_called(&realm, "svc").await, 1);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_delete_whose_answer_is_lost_has_succeeded() {
    let realm = realm().await;
    let proxy = proxy(&realm).await;
    let manager = through(&realm, &proxy);
    for id in ["by-id", "by-uuid"] {
        let client = manager.register_client(id).roles(Roles::None).await.unwrap();
        proxy.heal();
        proxy.inject("DELETE", CLIENTS, 1..=1, Fault::Lose);
        if id == "by-id" {
            manager.delete_client(id).await.unwrap();
        } else {
            manager.delete_client_by_uuid(&client.uuid).await.unwrap();
        }
        assert_eq!(clients_called(&realm, id).await, 0);
        // The next one finds nothing, and says so.
        let gone = manager.delete_client_by_uuid(&client.uuid).await.unwrap_err();
        assert!(gone.is_not_found(), "{gone}");
    }
    assert_eq!(proxy.count("DELETE", CLIENTS), 4);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_update_whose_answer_is_lost_is_done_and_loses_nothing() {
    let realm = realm().await;
    let proxy = proxy(&realm).await;
    let manager = through(&realm, &proxy);
    let client = manager.register_client("svc").await.unwrap();
    let roles = role_names(&manager, &client).await;
    proxy.inject("PUT", CLIENTS, 1..=1, Fault::Lose);
    let secret = SecretString::from("another secret");
    let client = manager.update_client(&client).secret(secret).token_lifespan(120).await.unwrap();
    assert_eq!(proxy.count("PUT", CLIENTS), 2);
    assert_eq!(client.secret.as_ref().unwrap().expose_secret(), "another secret");
    assert!(signs_in(&realm, &client).await);
    assert_eq!(role_names(&manager, &client).await, roles);
    let stored = realm.get(&format!("/clients/{}", client.uuid)).await.unwrap();
    assert_eq!(stored["attributes"]["access.token.lifespan"], json!("120"));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_rotation_and_a_revocation_whose_answers_are_lost_are_done() {
    let realm = realm().await;
    let proxy = proxy(&realm).await;
    let manager = through(&realm, &proxy);
    let client = manager.register_client("svc").roles(Roles::named(["all", "none"])).await.unwrap();
    proxy.inject("PUT", CLIENTS, 1..=1, Fault::Lose);
    proxy.inject("DELETE", MAPPINGS, 1..=1, Fault::Lose);
    let rotated = manager.rotate_secret(&client).await.unwrap();
    assert!(signs_in(&realm, &rotated).await);
    let revoked = manager.revoke_roles(&client, Roles::named(["none"])).await.unwrap();
    assert_eq!(revoked.realm, ["none"]);
    let revoked = role_names(&manager, &client).await;
    assert!(revoked.contains(&"all".to_owned()) && !revoked.contains(&"none".to_owned()), "{revoked:?}");
    assert_eq!((proxy.count("PUT", CLIENTS), proxy.count("DELETE", MAPPINGS)), (2, 2));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_cut_page_never_makes_a_shorter_list() {
    let realm = realm().await;
    for number in 0..101 {
        realm.post("/clients", &json!({"clientId": format!("svc-{number:03}")})).await.unwrap();
    }
    let whole: Vec<String> = ids(&manager(&realm).list_clients().await.unwrap());
    let proxy = proxy(&realm).await;
    let manager = through(&realm, &proxy);
    let impatient = connect(&realm).host(proxy.host()).retries(0).build().unwrap();
    for framing in [Framing::Length, Framing::Chunked] {
        for page in 1..=3 {
            proxy.heal();
            proxy.inject("GET", CLIENTS, page..=page, Fault::Cut(framing));
            assert_eq!(ids(&manager.list_clients().await.unwrap()), whole, "{framing:?} {page}");
            proxy.heal();
            proxy.inject("GET", CLIENTS, page..=page, Fault::Cut(framing));
            let error = impatient.list_clients().await.unwrap_err();
            assert!(matches!(error, Error::Connection { .. }), "{framing:?} {page}: {error}");
        }
    }
    realm.delete().await.unwrap();
}

fn ids(clients: &[AuthClient]) -> Vec<String> {
    clients.iter().map(|client| client.id.clone()).collect()
}

#[tokio::test]
async fn a_wrong_password_counts_once_although_answers_are_lost() {
    let realm = realm().await;
    let proxy = proxy(&realm).await;
    realm.put("", &json!({"bruteForceProtected": true, "failureFactor": 2})).await.unwrap();
    realm.add_admin("operator", "the right one", &["view-realm"]).await.unwrap();
    let operator = |password: &str| {
        let builder = connect(&realm).host(proxy.host()).admin_realm(realm.name()).username("operator");
        builder.password(SecretString::from(password)).build().unwrap()
    };
    proxy.inject("POST", TOKEN, 1..=1, Fault::status(503));
    let wrong = operator("the wrong one");
    for outcome in twenty_at_once(&wrong).await {
        assert!(outcome.unwrap_err().is_unauthorized());
    }
    assert!(wrong.all_roles().await.unwrap_err().is_unauthorized());
    assert_eq!(proxy.count("POST", TOKEN), 2, "the 503 and the refusal");
    // One more failure would have locked the account.
    operator("the right one").all_roles().await.unwrap();
    realm.delete().await.unwrap();
}

/// Pages that are read ahead go on arriving, and being repeated, while the reader is busy.
#[tokio::test]
async fn a_reader_slower_than_the_timeouts_gets_every_client() {
    let realm = realm().await;
    let add = |number: usize| {
        let client = json!({"clientId": format!("svc-{number:03}")});
        let realm = &realm;
        async move { realm.post("/clients", &client).await.unwrap() }
    };
    stream::iter(0..230).map(add).buffer_unordered(8).collect::<Vec<_>>().await;
    let proxy = proxy(&realm).await;
    // The first page is asked for alone, the next four together: this is one of the last of them.
    proxy.inject("GET", CLIENTS, 5..=5, Fault::Close);
    // Enough for each page on a machine that is busy or slow, too.
    let begin = Instant::now();
    manager(&realm).list_clients().await.unwrap();
    let limit = Duration::from_secs(3).max(begin.elapsed() * 3);
    let hasty = connect(&realm).host(proxy.host()).timeout(limit).total_timeout(limit).build().unwrap();
    let mut clients = hasty.list_clients().stream();
    let mut seen = 0;
    while let Some(client) = clients.try_next().await.unwrap() {
        seen += usize::from(client.id.starts_with("svc-"));
        if seen == 70 {
            // In the second page.
            tokio::time::sleep(limit + limit / 2).await;
        }
    }
    assert_eq!(seen, 230);
    realm.delete().await.unwrap();
}
