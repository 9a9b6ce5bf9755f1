//! `apply` while the server is away for some of its requests.

use std::path::Path;

use kxi_auth_tests::programs::command::{Ran, kxi_auth, run};
use kxi_auth_tests::recordings::stand_in::{REALM, USERNAME};
use serde_json::json;
use wiremock::matchers::{method, path_regex, query_param_contains, query_param_is_missing};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::PASSWORD;

/// A realm with the clients `svc-00` to `svc-23`, each as declared with the description `old`. It lists them, but fails
/// to look up one of them or to change it.
async fn realm() -> MockServer {
    let server = MockServer::start().await;
    let client = |number: usize| {
        json!({"id": format!("u-{number}"), "clientId": format!("svc-{number:02}"), "secret": "s", "description": "old",
            "serviceAccountsEnabled": true, "fullScopeAllowed": true, "attributes": {"kxi-auth.owner": "o"}})
    };
    let clients: Vec<_> = (0..24).map(client).collect();
    let ok = |body| ResponseTemplate::new(200).set_body_json(body);
    for (verb, path, answer) in [
        ("POST", "/token$", ok(json!({"access_token": "t", "expires_in": 300}))),
        ("GET", "/roles$", ok(json!([]))),
        ("GET", "/service-account-user$", ok(json!({"id": "user"}))),
        ("GET", "/role-mappings/realm$", ok(json!([]))),
        ("PUT", "/clients/[^/]*$", ResponseTemplate::new(503)),
    ] {
        Mock::given(method(verb)).and(path_regex(path)).respond_with(answer).mount(&server).await;
    }
    let list = || Mock::given(method("GET")).and(path_regex("/clients$"));
    list().and(query_param_is_missing("clientId")).respond_with(ok(json!(clients))).mount(&server).await;
    let one = list().and(query_param_contains("clientId", "svc"));
    one.respond_with(ResponseTemplate::new(503)).mount(&server).await;
    server
}

/// Applies a file with this many clients that have only a secret file to be written, and this many to be changed.
async fn applied(folder: &Path, server: &MockServer, files: usize, changes: usize) -> (Ran, usize) {
    let file = |number: usize| format!("  - {{id: svc-{number:02}, roles: [], secret_out: out-{number}}}");
    let change =
        |number: usize| format!("  - {{id: svc-{number:02}, roles: [], config: {{description: new}}}}");
    let clients: Vec<_> = (0..files).map(file).chain((files..files + changes).map(change)).collect();
    let path = folder.join("clients.yaml");
    std::fs::write(&path, format!("owner: o\nclients:\n{}\n", clients.join("\n"))).unwrap();
    let mut command = kxi_auth(&server.uri(), REALM, USERNAME, PASSWORD).unwrap();
    command.args(["--keycloak-path", "/", "--retries", "0", "apply", "--yes", "--concurrency", "1", "-f"]);
    command.arg(&path);
    let ran = run(command, "").await.unwrap();
    let requests = server.received_requests().await.unwrap();
    let looked_up =
        requests.iter().filter(|request| request.url.query_pairs().any(|(key, _)| key == "clientId"));
    (ran, looked_up.count())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reads_for_secret_files_stop_when_the_server_is_away() {
    let folder = tempfile::tempdir().unwrap();
    let (ran, looked_up) = applied(folder.path(), &realm().await, 16, 0).await;
    assert_eq!((ran.code, looked_up), (7, 3), "{}", ran.stderr);
    assert!(ran.stderr.contains("13 were not tried"), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_file_is_read_for_once_the_registrations_were_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let (ran, looked_up) = applied(folder.path(), &realm().await, 16, 8).await;
    assert_eq!((ran.code, looked_up), (7, 0), "{}", ran.stderr);
    assert!(ran.stderr.contains("21 were not tried"), "{}", ran.stderr);
}
