//! A client that is known from what was stored of it, at a server that does what no recording shows.

use std::sync::{Arc, Mutex};

use anyhow::Result;
use kxi_auth_core::{
    AuthClient, ClientConfig, ClientManager, ClientUuid, Error, ExposeSecret as _, Roles, SecretString,
};
use serde_json::{Value, json};
use wiremock::matchers::{any, body_json, method, path_regex, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub(crate) async fn answers(server: &MockServer, verb: &str, path: &str, status: u16, body: Value) {
    let answer = ResponseTemplate::new(status).set_body_json(body);
    Mock::given(method(verb)).and(path_regex(path)).respond_with(answer).mount(server).await;
}

/// A server that gives tokens, and a manager that is signed in there.
pub(crate) async fn signed_in() -> Result<(MockServer, ClientManager)> {
    let server = MockServer::start().await;
    answers(&server, "POST", "/token$", 200, json!({"access_token": "t", "expires_in": 300})).await;
    let builder = ClientManager::builder().host(server.uri()).base_path("/").retries(0);
    let manager = builder.admin_client("registrar", SecretString::from("s")).build()?;
    Ok((server, manager))
}

pub(crate) fn stored(manager: &ClientManager, id: &str) -> Result<AuthClient> {
    Ok(AuthClient::new(manager.host(), id, ClientUuid::new("u-1")?))
}

#[tokio::test]
async fn a_secret_is_rotated_by_a_put_that_can_be_repeated_and_a_builtin_one_only_if_allowed() {
    let (server, manager) = signed_in().await.unwrap();
    let flags = json!({"serviceAccountsEnabled": true, "authorizationServicesEnabled": true});
    let mut client = json!({"id": "u-1", "clientId": "svc", "secret": "old"});
    client.as_object_mut().unwrap().extend(flags.as_object().unwrap().clone());
    answers(&server, "GET", "/realms/insights$", 200, json!({"realm": "insights"})).await;
    // The server shows the secret that it was sent last.
    let client = Arc::new(Mutex::new(client));
    let shown = Arc::clone(&client);
    let get = Mock::given(method("GET")).and(path_regex("/clients/u-1$"));
    let show = move |_: &Request| ResponseTemplate::new(200).set_body_json(shown.lock().unwrap().clone());
    get.respond_with(show).mount(&server).await;
    let put = Mock::given(method("PUT")).and(path_regex("/clients/u-1$"));
    let store = move |request: &Request| {
        let sent: Value = serde_json::from_slice(&request.body).unwrap();
        client.lock().unwrap()["secret"] = sent["secret"].clone();
        ResponseTemplate::new(204)
    };
    put.respond_with(store).mount(&server).await;

    let builtin = stored(&manager, "insights-app").unwrap();
    let error = manager.rotate_secret(&builtin).await.unwrap_err();
    assert!(matches!(error, Error::Builtin { .. }), "{error}");
    assert!(server.received_requests().await.unwrap().is_empty());

    let chosen = SecretString::from("the new one");
    for (rotation, expected) in [
        (manager.rotate_secret(&builtin).allow_builtin(true).secret(chosen), Some("the new one")),
        (manager.rotate_secret(&stored(&manager, "svc").unwrap()), None),
    ] {
        let rotated = rotation.await.unwrap().secret.unwrap();
        let requests = server.received_requests().await.unwrap();
        let put = requests.iter().rev().find(|request| request.method.as_str() == "PUT").unwrap();
        let sent: Value = serde_json::from_slice(&put.body).unwrap();
        assert_eq!(sent["secret"], rotated.expose_secret());
        assert_eq!(rotated.expose_secret(), expected.unwrap_or(rotated.expose_secret()));
        for flag in ["serviceAccountsEnabled", "authorizationServicesEnabled"] {
            assert_eq!(sent[flag], true, "{sent}");
        }
        // A secret that had expired by the realm's policy would be replaced at once by the server.
        let attributes = sent["attributes"].as_object().unwrap();
        assert!(
            attributes["client.secret.creation.time"].as_str().unwrap().parse::<u64>().unwrap()
                > 1_700_000_000
        );
        assert_eq!(attributes["client.secret.expiration.time"], "");
    }
    // The token; a PUT between two reads for each; and which client has the realm's admin permissions, for the one that is not
    // allowed to be built-in.
    assert_eq!(server.received_requests().await.unwrap().len(), 8);
}

/// What the server says of the client counts, whatever its ID is and whatever the caller knows of it.
#[tokio::test]
async fn the_client_with_the_admin_permissions_is_guarded_under_any_name() {
    let (server, manager) = signed_in().await.unwrap();
    let client = |uuid: &str, id: &str| json!({"id": uuid, "clientId": id, "authorizationServicesEnabled": true, "serviceAccountsEnabled": true});
    answers(&server, "GET", "/clients/u-1$", 200, client("u-1", "perms")).await;
    answers(&server, "GET", "/clients$", 200, json!([client("u-1", "perms"), client("u-2", "own")])).await;
    answers(&server, "POST", "/clients$", 409, json!({"errorMessage": "Client perms already exists"})).await;
    let realm = json!({"realm": "insights", "adminPermissionsClient": client("u-1", "perms")});
    answers(&server, "GET", "/realms/insights$", 200, realm).await;

    let perms = stored(&manager, "perms").unwrap();
    let register = || manager.register_client("perms").roles(Roles::None);
    let builtin = |error: Error| assert!(matches!(error, Error::Builtin { .. }), "{error}");
    builtin(register().await.unwrap_err());
    builtin(register().plan().await.unwrap_err());
    for outcome in manager.register_clients([register()]).await {
        builtin(outcome.unwrap_err());
    }
    builtin(manager.update_client(&perms).token_lifespan(60).await.unwrap_err());
    builtin(manager.rotate_secret(&perms).await.unwrap_err());
    builtin(manager.delete_client("perms").await.unwrap_err());
    builtin(manager.delete_client_by_uuid(&perms.uuid).await.unwrap_err());
    assert!(manager.get_client("perms").details().await.unwrap().is_builtin());
    let listed = manager.list_clients().details().await.unwrap();
    let marked: Vec<(&str, bool)> =
        listed.iter().map(|client| (client.id.as_str(), client.is_builtin())).collect();
    assert_eq!(marked, [("perms", true), ("own", false)]);

    let requests = server.received_requests().await.unwrap();
    let writes = requests.iter().filter(|sent| !["GET", "POST"].contains(&sent.method.as_str()));
    assert_eq!(writes.count(), 0);
    let reads = requests.iter().filter(|sent| sent.url.path().ends_with("/admin/realms/insights"));
    assert_eq!(reads.count(), 1, "one read for all of them");
}

/// An admin who may not view the realm can still work: the server does not show it the permissions client.
#[tokio::test]
async fn without_a_view_of_the_realm_built_in_clients_are_known_by_their_names() {
    let (server, manager) = signed_in().await.unwrap();
    let client = json!({"id": "u-1", "clientId": "svc", "authorizationServicesEnabled": true});
    answers(&server, "GET", "/clients$", 200, json!([client])).await;
    answers(&server, "GET", "/realms/insights$", 403, json!({"error": "HTTP 403 Forbidden"})).await;
    assert!(!manager.get_client("svc").details().await.unwrap().is_builtin());
    assert!(manager.default_role().await.unwrap_err().is_forbidden());
}

#[tokio::test]
async fn every_update_sends_attributes() {
    let (server, manager) = signed_in().await.unwrap();
    let client = json!({"id": "u-1", "clientId": "svc", "secret": "old", "serviceAccountsEnabled": true});
    answers(&server, "GET", "/clients/u-1$", 200, client).await;
    let body =
        json!({"clientId": "svc", "description": "x", "attributes": {}, "serviceAccountsEnabled": true});
    let put = Mock::given(method("PUT")).and(path_regex("/clients/u-1$")).and(body_json(body));
    put.respond_with(ResponseTemplate::new(204)).expect(1).mount(&server).await;
    let config = ClientConfig::new().description("x");
    manager.update_client(&stored(&manager, "svc").unwrap()).config(config).await.unwrap();
}

#[tokio::test]
async fn a_role_that_is_deleted_again_and_again_is_a_conflict_over_the_role() {
    let (server, manager) = signed_in().await.unwrap();
    answers(&server, "GET", "/roles$", 200, json!([{"id": "r-1", "name": "flickering"}])).await;
    answers(&server, "GET", "/service-account-user$", 200, json!({"id": "user-1"})).await;
    answers(&server, "GET", "/role-mappings/realm$", 200, json!([])).await;
    answers(&server, "POST", "/role-mappings/realm$", 404, json!({"error": "Role not found"})).await;

    let error = manager.assign_roles(&stored(&manager, "svc").unwrap(), Roles::All).await.unwrap_err();
    let Error::Conflict { what, name, reason, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*what, name.as_str()), ("role", "flickering"));
    assert!(reason.contains("deleted 3 times"), "{reason}");
    assert!(error.to_string().starts_with("conflict over the role `flickering`: "), "{error}");
    assert!(error.is_conflict() && !error.is_not_found());
}

#[tokio::test]
async fn a_role_that_is_gone_before_it_is_revoked_is_no_failure() {
    let (server, manager) = signed_in().await.unwrap();
    answers(
        &server,
        "GET",
        "/roles$",
        200,
        json!([{"id": "r-1", "name": "one"}, {"id": "r-2", "name": "two"}]),
    )
    .await;
    answers(&server, "GET", "/service-account-user$", 200, json!({"id": "user-1"})).await;
    let mapped = |names: Value| ResponseTemplate::new(200).set_body_json(names);
    let both = mapped(json!([{"id": "r-1", "name": "one"}, {"id": "r-2", "name": "two"}]));
    let reads = || Mock::given(method("GET")).and(path_regex("/role-mappings/realm$"));
    reads().respond_with(both).up_to_n_times(1).mount(&server).await;
    reads().respond_with(mapped(json!([{"id": "r-2", "name": "two"}]))).mount(&server).await;
    let revocations = || Mock::given(method("DELETE")).and(path_regex("/role-mappings/realm$"));
    let gone = ResponseTemplate::new(404).set_body_json(json!({"error": "Role not found"}));
    revocations().respond_with(gone).up_to_n_times(1).mount(&server).await;
    let two = json!([{"id": "r-2", "name": "two"}]);
    let done = ResponseTemplate::new(204);
    revocations().and(body_json(two)).respond_with(done).expect(1).mount(&server).await;

    let client = stored(&manager, "svc").unwrap();
    assert_eq!(manager.revoke_roles(&client, Roles::All).await.unwrap().realm, ["two"]);
}

#[tokio::test]
async fn a_filter_that_finds_nothing_asks_once_more_whether_clients_are_to_be_seen() {
    let (server, manager) = signed_in().await.unwrap();
    answers(&server, "GET", "/clients$", 200, json!([])).await;
    let error = manager.list_clients().id("svc").await.unwrap_err();
    assert!(error.is_forbidden() && error.to_string().contains("view-clients"), "{error}");
    // The token, the client, and two of Keycloak's own clients.
    assert_eq!(server.received_requests().await.unwrap().len(), 4);
}

/// As an admin with fine-grained permissions for two clients sees a realm (observed on Keycloak 26.7.3).
#[tokio::test]
async fn an_unseen_client_of_a_filtered_list_is_not_absent() {
    let (server, manager) = signed_in().await.unwrap();
    let listed = |ids: &[&str]| {
        let clients: Vec<Value> =
            ids.iter().map(|id| json!({"id": format!("u-{id}"), "clientId": id})).collect();
        ResponseTemplate::new(200).set_body_json(clients)
    };
    let clients = || Mock::given(method("GET")).and(path_regex("/clients$"));
    clients().and(query_param("clientId", "mine")).respond_with(listed(&["mine"])).mount(&server).await;
    clients().and(query_param_is_missing("clientId")).respond_with(listed(&["mine"])).mount(&server).await;
    clients().respond_with(listed(&[])).with_priority(9).mount(&server).await;
    answers(&server, "POST", "/clients$", 409, json!({"errorMessage": "Client other already exists"})).await;

    let item = |id: &str| manager.register_client(id).roles(Roles::None);
    let bulk = manager.plan_clients([item("mine"), item("other")]).await;
    let deletions = manager.delete_clients([manager.delete_client("other")]).await;
    for error in [
        manager.get_client("other").await.map(drop).unwrap_err(),
        manager.get_client("other").details().await.map(drop).unwrap_err(),
        manager.list_clients().id("other").await.map(drop).unwrap_err(),
        manager.delete_client("other").await.map(drop).unwrap_err(),
        item("other").plan().await.map(drop).unwrap_err(),
        item("other").await.map(drop).unwrap_err(),
        bulk.into_iter().nth(1).unwrap().map(drop).unwrap_err(),
        deletions.into_iter().next().unwrap().map(drop).unwrap_err(),
    ] {
        assert!(matches!(error, Error::NotVisible { .. }), "{error:?}");
        assert!(error.is_forbidden() && !error.is_not_found(), "{error}");
        let said =
            "client `other` is not visible to the signed-in admin or does not exist in the realm `insights`";
        assert!(error.to_string().starts_with(said), "{error}");
    }
    assert_eq!(manager.get_client("mine").await.unwrap().id, "mine");
    assert_eq!(manager.list_clients().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_401_to_a_session_says_nothing_of_a_token_that_was_issued() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(401)).mount(&server).await;
    let session = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let builder = ClientManager::builder().host(server.uri()).base_path("/").session(session);
    let error = builder.build().unwrap().all_roles().await.unwrap_err();
    assert!(error.is_unauthorized() && !error.to_string().contains("token"), "{error}");
}

#[tokio::test]
async fn a_limit_below_the_stored_lifespan_is_a_warning_and_only_its_change_reads_the_realm() {
    let (server, manager) = signed_in().await.unwrap();
    let attributes = json!({"access.token.lifespan": "1000", "client.session.max.lifespan": "400"});
    let client = json!({"id": "u-1", "clientId": "svc", "attributes": attributes});
    answers(&server, "GET", "/clients/u-1$", 200, client).await;
    answers(&server, "GET", "/realms/insights$", 200, json!({"realm": "insights"})).await;
    let update = |config| manager.update_client(&stored(&manager, "svc").unwrap()).config(config);
    let count = async || server.received_requests().await.unwrap().len();
    let done = update(ClientConfig::new().attribute("contact", "")).await.unwrap();
    assert!(done.warnings.is_empty(), "{:?}", done.warnings);
    let before = count().await;
    let done = update(ClientConfig::new().attribute("client.session.max.lifespan", "400")).await.unwrap();
    let said = done.warnings.iter().map(ToString::to_string).collect::<String>();
    assert!(said.contains("live 400 s, not the 1000 s"), "{said}");
    assert_eq!(count().await, before + 2, "the client and the realm");
}

#[tokio::test]
async fn a_500_to_a_create_names_only_what_the_caller_set() {
    let (server, manager) = signed_in().await.unwrap();
    answers(&server, "POST", "/clients$", 500, json!({"error": "unknown_error"})).await;
    let create = || manager.register_new_client("svc");
    let error = create().config(ClientConfig::new().attribute("team", "feeds")).await.unwrap_err();
    assert!(error.to_string().ends_with("the likely cause is the value of `attributes.team`"), "{error}");
    let error = create().await.unwrap_err();
    assert!(error.to_string().ends_with("unknown_error"), "{error}");
}

#[tokio::test]
async fn a_response_about_another_client_is_rejected() {
    let (server, manager) = signed_in().await.unwrap();
    let other = json!({"id": "u-2", "clientId": "other", "secret": "s", "serviceAccountsEnabled": true});
    answers(&server, "GET", "/clients/u-1$", 200, other).await;
    let client = stored(&manager, "svc").unwrap();
    for error in [
        manager.update_client(&client).token_lifespan(60).await.map(drop).unwrap_err(),
        manager.rotate_secret(&client).await.map(drop).unwrap_err(),
        manager.delete_client_by_uuid(&client.uuid).await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::Protocol { .. }), "{error}");
        assert!(error.to_string().contains("describes another client"), "{error}");
    }
    let requests = server.received_requests().await.unwrap();
    assert!(
        requests.iter().all(|sent| ["GET", "POST"].contains(&sent.method.as_str())),
        "nothing is written"
    );
}
