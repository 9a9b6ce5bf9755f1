//! The memory of the command, whatever the server sends.

use std::process::Command;

use kxi_auth_tests::programs::command::kxi_auth;
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use kxi_auth_tests::recordings::stand_in::{REALM, USERNAME};
use serde_json::json;
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::PASSWORD;

const MOST: u64 = 200 * 1024 * 1024;

/// How a run ended: its exit code, its standard error, and the most memory that it used, in bytes. None where the system
/// does not show it. `behavior` names the server in the table of hostile ones.
async fn measured(behavior: &str, command: Command) -> (Option<i32>, String, Option<u64>) {
    let ran = kxi_auth_tests::programs::measured::measured(command).await.unwrap();
    ran.note(behavior).unwrap();
    (ran.code, ran.stderr, ran.peak)
}

fn command(host: &str, words: &[&str]) -> Command {
    let mut command = kxi_auth(host, REALM, USERNAME, PASSWORD).unwrap();
    command.args(["--keycloak-path", "/", "--retries", "0"]).args(words);
    command
}

async fn answers(server: &MockServer, verb: &str, path: &str, status: u16, body: serde_json::Value) {
    let answer = ResponseTemplate::new(status);
    let answer = if body.is_null() { answer } else { answer.set_body_json(body) };
    Mock::given(method(verb)).and(path_regex(path)).respond_with(answer).mount(server).await;
}

/// A server with roles and no clients to list, where the name of each new client is taken.
async fn server() -> MockServer {
    let server = MockServer::start().await;
    answers(&server, "POST", "/token$", 200, json!({"access_token": "t", "expires_in": 300})).await;
    answers(&server, "GET", "/roles$", 200, json!([{"id": "r-1", "name": "reader"}])).await;
    answers(&server, "GET", "/service-account-user$", 200, json!({"id": "user-1"})).await;
    answers(&server, "POST", "/clients$", 409, json!({"errorMessage": "taken"})).await;
    answers(&server, "PUT", "/clients/[^/]*$", 204, json!(null)).await;
    answers(&server, "POST", "/role-mappings/realm$", 204, json!(null)).await;
    server
}

/// The list of clients has one other; each client that is looked up is there, with an attribute of this length.
async fn with_clients(server: &MockServer, length: usize) {
    let attribute = "x".repeat(length);
    let clients = move |request: &Request| {
        let id =
            request.url.query_pairs().find(|(name, _)| name == "clientId").map(|(_, id)| id.into_owned());
        let client = id.map_or_else(
            || json!({"id": "u", "clientId": "other"}),
            |id| {
                let attributes = json!({"long": attribute});
                json!({"id": format!("u-{id}"), "clientId": id, "secret": "s", "serviceAccountsEnabled": true,
                    "fullScopeAllowed": true, "attributes": attributes})
            },
        );
        ResponseTemplate::new(200).set_body_json(json!([client]))
    };
    Mock::given(method("GET")).and(path_regex("/clients$")).respond_with(clients).mount(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_without_an_end_takes_little_memory() {
    let requests: [(&str, &str, &[&str]); 5] = [
        ("GET", "/realms/insights", &["role", "list", "--keycloak-path", "/auth"]),
        ("POST", "/token", &["role", "list"]),
        ("GET", "/roles", &["role", "list"]),
        ("GET", "/clients", &["client", "list"]),
        ("GET", "/clients", &["client", "get", "svc"]),
    ];
    for (verb, path, words) in requests {
        for status in [200, 400] {
            let server = server().await;
            let proxy = FaultProxy::start(&server.uri()).await.unwrap();
            proxy.inject(verb, path, .., Fault::Endless(status, r#"[{"a":[]},"#));
            let probe = path == "/realms/insights";
            let words: Vec<&str> = if probe { vec!["doctor"] } else { words.to_vec() };
            let (code, said, peak) =
                measured(&format!("endless: body of status {status}"), command(&proxy.host(), &words)).await;
            assert_ne!(code, Some(0), "{path} {status}: {said}");
            assert!(probe || status != 200 || said.contains("the response is too large"), "{path}: {said}");
            assert!(peak.is_none_or(|peak| peak < MOST / 2), "{path} {status}: {peak:?} {said}");
        }
    }
}

/// A realm of this many clients of an owner, in pages, each with an attribute of 150,000 bytes.
async fn with_a_large_realm(server: &MockServer, count: usize, owner: &'static str) {
    let attribute = "x".repeat(150_000);
    let client = move |number: usize| {
        json!({"id": format!("u-{number}"), "clientId": format!("svc-{number:04}"), "secret": "s",
            "serviceAccountsEnabled": true, "fullScopeAllowed": true,
            "attributes": {"kxi-auth.owner": owner, "long": attribute}})
    };
    let clients = move |request: &Request| {
        let query = |name: &str| {
            request.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let number = |name: &str| query(name).and_then(|text| text.parse::<usize>().ok());
        let one = query("clientId").and_then(|id| id.strip_prefix("svc-")?.parse::<usize>().ok());
        let clients: Vec<_> = match (one, number("first"), number("max")) {
            (Some(one), ..) => vec![client(one)],
            (None, first, max) => {
                let first = first.unwrap_or(0).min(count);
                (first..(first + max.unwrap_or(1)).min(count)).map(&client).collect()
            }
        };
        ResponseTemplate::new(200).set_body_json(clients)
    };
    Mock::given(method("GET")).and(path_regex("/clients$")).respond_with(clients).mount(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_large_clients_of_a_large_realm_do_not_pile_up() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clients.yaml");
    let clients: Vec<_> = (0..1000).map(|number| format!("  - {{id: svc-{number:04}, roles: []}}")).collect();
    std::fs::write(&file, format!("owner: o\nclients:\n{}\n", clients.join("\n"))).unwrap();
    let server = server().await;
    with_a_large_realm(&server, 1000, "o").await;
    let words = ["plan", "-f", file.to_str().unwrap(), "--exit-code"];
    let (code, said, peak) =
        measured("large: 1,000 clients of 150 KB each", command(&server.uri(), &words)).await;
    assert_eq!(code, Some(0), "everything is as declared: {said}");
    assert!(peak.is_none_or(|peak| peak < MOST), "{peak:?} {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_an_end_takes_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clients.yaml");
    std::fs::write(&file, "owner: o\nclients:\n  - {id: svc-0000, roles: []}\n").unwrap();
    let server = server().await;
    answers(&server, "GET", "/role-mappings/realm$", 200, json!([])).await;
    with_a_large_realm(&server, usize::MAX, "o").await;
    let plan = ["plan", "-f", file.to_str().unwrap(), "--prune"];
    for words in [plan.as_slice(), ["export"].as_slice()] {
        let (code, said, peak) =
            measured("endless: list of clients of 150 KB each", command(&server.uri(), words)).await;
        assert!(said.contains("the response is too large"), "{words:?}: {said}");
        assert_eq!(code, Some(1), "{words:?}: {said}");
        assert!(peak.is_none_or(|peak| peak < MOST), "{words:?}: {peak:?} {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clients_of_others_are_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clients.yaml");
    std::fs::write(&file, "owner: mine\nclients:\n  - {id: svc-0000, roles: []}\n").unwrap();
    let server = server().await;
    answers(&server, "GET", "/role-mappings/realm$", 200, json!([])).await;
    with_a_large_realm(&server, 1500, "theirs").await;
    let words = ["plan", "-f", file.to_str().unwrap(), "--prune", "--take-over"];
    let (code, said, peak) =
        measured("large: 1,500 clients of another owner", command(&server.uri(), &words)).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(peak.is_none_or(|peak| peak < MOST), "{peak:?} {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_and_the_heaviest_responses_at_the_highest_concurrency_take_less_than_200_mib() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clients.yaml");
    let clients: Vec<_> =
        (0..100).map(|number| format!("  - {{id: svc-{number}, roles: [reader]}}")).collect();
    std::fs::write(&file, format!("owner: o\nclients:\n{}\n", clients.join("\n"))).unwrap();
    let words = ["apply", "-f", file.to_str().unwrap(), "--yes", "--take-over", "--concurrency", "65535"];
    // Roles as short, and names as long as the limits allow.
    let many = vec![json!({"id": "", "name": ""}); 18_000];
    let long = vec![json!({"id": "r-2", "name": "x".repeat(2_000_000)})];
    for (length, roles) in [(1_000_000, Vec::new()), (0, many), (500_000, long)] {
        let server = server().await;
        with_clients(&server, length).await;
        let count = roles.len();
        answers(&server, "GET", "/role-mappings/realm$", 200, json!(roles)).await;
        let (code, said, peak) =
            measured("large: the longest responses, 32 at once", command(&server.uri(), &words)).await;
        assert!(!said.contains("too large"), "{length} {count}: {said}");
        assert!(code.is_some(), "{length} {count}: {said}");
        assert!(peak.is_none_or(|peak| peak < MOST), "{length} {count}: {peak:?} {said}");
    }
}
