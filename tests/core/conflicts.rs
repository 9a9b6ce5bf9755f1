//! A 409 is explained by what was found, not by what the server says: it says that a client exists where an `id` of a
//! mapper is taken, and the like.

use anyhow::{Context as _, Result, bail};
use kxi_auth_core::{ClientConfig, ClientManager, Error, Hint, SecretString};
use serde_json::{Value, json};
use wiremock::matchers::{method, path_regex, query_param};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::unrecorded::{answers, signed_in, stored};

/// What Keycloak 26.7.3 sends if the `id` of a mapper is taken: to a create, and to an update.
const CREATE: &str = "Client svc already exists";
const UPDATE: &str = "Duplicate resource error";

/// Keycloak 26.7.3 answers this only to an admin who may view every user.
const EVERY_USER: &str = "/attack-detection/brute-force/users/[0-]+$";

fn mapper(id: Option<&str>) -> ClientConfig {
    let mut mapper = json!({
        "name": "m", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper", "config": {},
    });
    if let Some(id) = id {
        mapper["id"] = json!(id);
    }
    ClientConfig::new().set("protocolMappers", json!([mapper]))
}

/// A server that rejects each create, with these users of service accounts and these clients.
async fn rejecting(users: Value, similar: Value) -> Result<(MockServer, ClientManager)> {
    let (server, manager) = signed_in().await?;
    answers(&server, "POST", "/clients$", 409, json!({"errorMessage": CREATE})).await;
    let list = |of: &Value| ResponseTemplate::new(200).set_body_json(of);
    let clients = || Mock::given(method("GET")).and(path_regex("/clients$"));
    clients().and(query_param("search", "true")).respond_with(list(&similar)).mount(&server).await;
    let none = list(&json!([]));
    clients().and(query_param("clientId", "svc")).respond_with(none).mount(&server).await;
    let one = list(&json!([{"id": "u-0", "clientId": "account"}]));
    clients().respond_with(one).mount(&server).await;
    let named = Mock::given(method("GET")).and(path_regex("/users$"));
    let named = named.and(query_param("username", "service-account-svc")).and(query_param("exact", "true"));
    named.respond_with(list(&users)).mount(&server).await;
    answers(&server, "GET", EVERY_USER, 200, json!({"numFailures": 0})).await;
    Ok((server, manager))
}

async fn refused(manager: &ClientManager, config: ClientConfig) -> Result<String> {
    let outcome = manager.register_new_client("svc").config(config).await;
    let error = outcome.err().context("it was created")?;
    let Error::Conflict { what: "client", name, reason, hint: None, .. } = &error else { bail!("{error:?}") };
    assert_eq!(name, "svc");
    assert!(reason.contains(CREATE), "{reason}");
    Ok(reason.clone())
}

#[tokio::test]
async fn a_taken_user_name_is_named_only_where_the_user_exists() {
    let user = json!([{"id": "user-1", "username": "service-account-svc"}]);
    let similar = json!([
        {"id": "u-1", "clientId": "svc-two", "serviceAccountsEnabled": true},
        {"id": "u-2", "clientId": "Svc", "serviceAccountsEnabled": false},
        {"id": "u-3", "clientId": "SVC", "serviceAccountsEnabled": true},
    ]);
    let (_server, manager) = rejecting(user.clone(), similar).await.unwrap();
    let reason = refused(&manager, ClientConfig::new()).await.unwrap();
    assert!(reason.contains("`service-account-svc`, is taken by the client `SVC`"), "{reason}");

    let (_server, manager) = rejecting(user, json!([])).await.unwrap();
    let reason = refused(&manager, mapper(Some("taken"))).await.unwrap();
    assert!(reason.contains("`service-account-svc`, is taken by a user, or by a client that"), "{reason}");
    assert!(!reason.contains("`id`"), "{reason}");

    let (_server, manager) = rejecting(json!([]), json!([])).await.unwrap();
    let reason = refused(&manager, mapper(None)).await.unwrap();
    assert!(reason.contains("no user has the name") && !reason.contains("is taken"), "{reason}");
}

#[tokio::test]
async fn an_id_of_a_mapper_is_named_as_what_may_collide() {
    let (server, manager) = rejecting(json!([]), json!([])).await.unwrap();
    let reason = refused(&manager, mapper(Some("taken"))).await.unwrap();
    assert!(reason.contains("protocol mapper") && reason.contains("leave `id` out"), "{reason}");
    assert!(!reason.contains("is taken"), "{reason}");
    // Token, create, find, whether clients are visible, the user, and whether users are visible.
    assert_eq!(server.received_requests().await.unwrap().len(), 6);
}

#[tokio::test]
async fn a_user_that_is_not_in_a_filtered_list_may_exist() {
    let (server, manager) = signed_in().await.unwrap();
    answers(&server, "POST", "/clients$", 409, json!({"errorMessage": CREATE})).await;
    // What Keycloak 26.7.3 sends to an admin with `query-users` only.
    answers(&server, "GET", "/users$", 200, json!([])).await;
    answers(&server, "GET", EVERY_USER, 403, json!({"error": "HTTP 403 Forbidden"})).await;
    let one = ResponseTemplate::new(200).set_body_json(json!([{"id": "u-0", "clientId": "account"}]));
    Mock::given(method("GET")).and(path_regex("/clients$")).respond_with(one).mount(&server).await;
    let reason = refused(&manager, ClientConfig::new()).await.unwrap();
    assert!(!reason.contains("no user has the name"), "{reason}");
    assert!(reason.contains("possible causes: the user name of its service account"), "{reason}");
}

#[tokio::test]
async fn the_servers_words_are_kept_where_the_client_may_be_hidden() {
    for users in [json!([]), json!([{"id": "user-1", "username": "service-account-svc"}])] {
        let (server, manager) = signed_in().await.unwrap();
        answers(&server, "POST", "/clients$", 409, json!({"errorMessage": CREATE})).await;
        answers(&server, "GET", "/clients$", 200, json!([])).await;
        answers(&server, "GET", "/users$", 200, users.clone()).await;
        answers(&server, "GET", EVERY_USER, 200, json!({"numFailures": 0})).await;
        let error = manager.register_new_client("svc").config(mapper(Some("taken"))).await.unwrap_err();
        assert!(matches!(error, Error::NotVisible { .. }) && error.is_forbidden(), "{error:?}");
        let said = error.to_string();
        assert!(said.contains(CREATE) && said.contains("leave `id` out"), "{said}");
        assert!(said.contains("possible causes") && said.contains("hidden from this admin"), "{said}");
        assert_eq!(said.contains("`service-account-svc`, is taken"), users != json!([]), "{said}");
    }
}

#[tokio::test]
async fn a_user_that_this_admin_cannot_look_up_is_only_possible() {
    let (server, manager) = signed_in().await.unwrap();
    answers(&server, "POST", "/clients$", 409, json!({"errorMessage": CREATE})).await;
    answers(&server, "GET", "/users$", 403, json!({"error": "HTTP 403 Forbidden"})).await;
    answers(&server, "GET", "/clients$", 200, json!([{"id": "u-0", "clientId": "account"}])).await;
    let reason = refused(&manager, ClientConfig::new()).await.unwrap();
    assert!(reason.contains("possible causes: the user name of its service account"), "{reason}");
    assert!(reason.contains("cannot look up"), "{reason}");
}

/// A server with the client `svc` that rejects each update. Each read shows another description if `busy`.
async fn updating(busy: bool, service_account: bool, retries: usize) -> Result<(MockServer, ClientManager)> {
    let server = MockServer::start().await;
    answers(&server, "POST", "/token$", 200, json!({"access_token": "t", "expires_in": 300})).await;
    answers(&server, "PUT", "/clients/u-1$", 409, json!({"error": "conflict", "error_description": UPDATE}))
        .await;
    let reads = std::sync::atomic::AtomicUsize::new(0);
    let client = move |_: &Request| {
        let read = reads.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        ResponseTemplate::new(200).set_body_json(json!({
            "id": "u-1", "clientId": "svc", "serviceAccountsEnabled": service_account,
            "description": if busy { read } else { 0 }.to_string(),
        }))
    };
    Mock::given(method("GET")).and(path_regex("/clients/u-1$")).respond_with(client).mount(&server).await;
    let builder = ClientManager::builder().host(server.uri()).base_path("/").retries(retries);
    let manager = builder.admin_client("registrar", SecretString::from("s")).build()?;
    Ok((server, manager))
}

/// The reason and the hint of an update with this config, and how many PUTs it took.
async fn update(
    (server, manager): (MockServer, ClientManager),
    config: ClientConfig,
) -> Result<(String, Option<Hint>, usize)> {
    let outcome = manager.update_client(&stored(&manager, "svc")?).config(config).await;
    let error = outcome.err().context("it was updated")?;
    let Error::Conflict { what: "client", name, reason, hint, .. } = &error else { bail!("{error:?}") };
    assert_eq!(name, "svc", "the client is named by its ID");
    assert!(reason.contains(UPDATE), "{reason}");
    let sent = server.received_requests().await.context("not recorded")?;
    let puts = sent.iter().filter(|request| request.method.as_str() == "PUT").count();
    Ok((reason.clone(), *hint, puts))
}

#[tokio::test]
async fn an_update_that_is_rejected_while_nothing_changes_is_not_repeated_for_long() {
    let (reason, hint, puts) =
        update(updating(false, true, 5).await.unwrap(), mapper(Some("taken"))).await.unwrap();
    assert_eq!((hint, puts), (None, 2));
    assert!(reason.contains("leave `id` out") && !reason.contains("at the same time"), "{reason}");
}

#[tokio::test]
async fn an_update_that_others_overtake_is_repeated_and_may_be_tried_again() {
    let (reason, hint, puts) = update(updating(true, true, 2).await.unwrap(), mapper(None)).await.unwrap();
    assert_eq!((hint, puts), (Some(Hint::TryAgain), 3));
    assert!(reason.contains("at the same time") && !reason.contains("`id`"), "{reason}");
}

#[tokio::test]
async fn a_service_account_that_cannot_be_turned_on_names_the_user() {
    let (server, manager) = updating(false, false, 5).await.unwrap();
    answers(&server, "GET", "/users$", 200, json!([{"id": "user-1", "username": "service-account-svc"}]))
        .await;
    answers(&server, "GET", "/clients$", 200, json!([])).await;
    let config = ClientConfig::new().set("serviceAccountsEnabled", true);
    let (reason, hint, puts) = update((server, manager), config).await.unwrap();
    assert_eq!((hint, puts), (None, 2));
    assert!(
        reason.contains("cannot be turned on: its user name, `service-account-svc`, is taken"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_409_of_a_gateway_is_not_explained_as_keycloaks() {
    let (server, manager) = signed_in().await.unwrap();
    let page = ResponseTemplate::new(409).set_body_string("<html>");
    Mock::given(method("POST")).and(path_regex("/clients$")).respond_with(page).mount(&server).await;
    let error = manager.register_new_client("svc").await.unwrap_err();
    // Nor does it show that the server did not get the request.
    let Error::Incomplete(incomplete) = &error else { panic!("{error:?}") };
    assert!(incomplete.in_doubt && !error.is_conflict(), "{error}");
    assert!(matches!(*incomplete.cause, Error::NotKeycloak { status: 409, .. }), "{error}");
}
