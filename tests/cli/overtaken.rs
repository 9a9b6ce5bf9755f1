//! `apply` when a client is deleted between its plan and its update.

use std::sync::{Arc, Mutex};

use kxi_auth_tests::programs::command::{kxi_auth, run};
use kxi_auth_tests::recordings::stand_in::{REALM, USERNAME};
use serde_json::{Value, json};
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::PASSWORD;

/// A realm that lists the client `svc` and does not find it when it is changed. What is created it shows by its UUID. It
/// fails with this status to read the service account after that.
async fn realm(after: u16) -> (MockServer, Arc<Mutex<Value>>) {
    let server = MockServer::start().await;
    let client = json!({"id": "u-1", "clientId": "svc", "secret": "old", "description": "old",
        "serviceAccountsEnabled": true, "fullScopeAllowed": true, "attributes": {"kxi-auth.owner": "o"}});
    let ok = |body: Value| ResponseTemplate::new(200).set_body_json(body);
    let reader = json!([{"id": "r-1", "name": "reader"}]);
    let missing = || ResponseTemplate::new(404).set_body_json(json!({"error": "Could not find client"}));
    for (verb, path, answer) in [
        ("POST", "/token$", ok(json!({"access_token": "t", "expires_in": 300}))),
        ("GET", "/roles$", ok(reader.clone())),
        ("GET", "/clients$", ok(json!([client]))),
        ("PUT", "/clients/u-1$", missing()),
        ("GET", "/clients/u-1$", missing()),
        ("GET", "/users$", ok(json!([{"id": "user", "username": "service-account-svc"}]))),
        ("GET", "/clients/u-1/service-account-user$", ok(json!({"id": "user"}))),
        ("GET", "/users/user/role-mappings/realm$", ok(reader)),
        (
            "GET",
            "/service-account-user$",
            ResponseTemplate::new(after).set_body_json(json!({"id": "user-2"})),
        ),
        ("GET", "/users/user-2/role-mappings/realm$", ok(json!([]))),
        ("POST", "/users/user-2/role-mappings/realm$", ResponseTemplate::new(204)),
    ] {
        Mock::given(method(verb)).and(path_regex(path)).respond_with(answer).mount(&server).await;
    }
    let created = Arc::new(Mutex::new(Value::Null));
    let (stores, shows) = (Arc::clone(&created), Arc::clone(&created));
    let create = move |request: &Request| {
        let mut client: Value = request.body_json().unwrap();
        client["id"] = json!("u-2");
        *stores.lock().unwrap() = client;
        let uuid = format!("{}/u-2", request.url);
        ResponseTemplate::new(201).insert_header("location", uuid.as_str())
    };
    Mock::given(method("POST")).and(path_regex("/clients$")).respond_with(create).mount(&server).await;
    let show = move |_: &Request| ResponseTemplate::new(200).set_body_json(shows.lock().unwrap().clone());
    Mock::given(method("GET")).and(path_regex("/clients/u-2$")).respond_with(show).mount(&server).await;
    (server, created)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_of_a_client_that_is_created_again_is_in_its_file_even_if_a_later_step_fails() {
    for after in [200, 400] {
        let folder = tempfile::tempdir().unwrap();
        let (file, out) = (folder.path().join("clients.yaml"), folder.path().join("out"));
        std::fs::write(
            &file,
            "owner: o\nclients:\n  - {id: svc, roles: [reader], config: {description: new}, secret_out: {file: out, format: raw}}\n",
        )
        .unwrap();
        std::fs::write(&out, "old").unwrap();
        // So that there would be nothing to write without the deletion.
        #[cfg(unix)]
        std::fs::set_permissions(&out, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let (server, created) = realm(after).await;
        let mut command = kxi_auth(&server.uri(), REALM, USERNAME, PASSWORD).unwrap();
        command.args(["--keycloak-path", "/", "--retries", "0", "apply", "--yes", "-f"]).arg(&file);
        let ran = run(command, "").await.unwrap();
        assert_eq!(ran.code == 0, after == 200, "{}", ran.stderr);
        let created = created.lock().unwrap().clone();
        assert_eq!(created["description"], "new", "{}", ran.stderr);
        assert_eq!(json!(std::fs::read_to_string(&out).unwrap()), created["secret"], "{}", ran.stderr);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is staged any more");
    }
}
