//! The commands about clients and their roles, on a real Keycloak.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Output, Stdio};

use kxi_auth_tests::keycloak::realm::TestRealm;
use kxi_auth_tests::programs::command::{kxi_auth, shown};
use serde_json::{Value, json};

use crate::{realm, sorted};

fn command(realm: &TestRealm, words: &[&str]) -> Command {
    let server = realm.server();
    let mut command = kxi_auth(&server.host(), realm.name(), server.username(), server.password()).unwrap();
    command.args(words).stdin(Stdio::null());
    command
}

async fn output(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// The result of a run that succeeds.
async fn done(realm: &TestRealm, words: &[&str]) -> Value {
    let output = output(command(realm, &[words, &["-o", "json"]].concat())).await;
    assert_eq!(output.status.code(), Some(0), "{words:?}: {}", shown(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The exit code and the kind of error of a run that fails.
async fn fails(realm: &TestRealm, words: &[&str]) -> (i32, String) {
    let output = output(command(realm, &[words, &["-o", "json"]].concat())).await;
    assert!(output.stdout.is_empty(), "{words:?}: {}", shown(&output));
    let said: Value = serde_json::from_slice(&output.stderr).unwrap();
    (output.status.code().unwrap(), said["error"]["kind"].as_str().unwrap().to_owned())
}

fn failure(code: i32, kind: &str) -> (i32, String) {
    (code, kind.to_owned())
}

fn names(value: &Value) -> Vec<String> {
    sorted(value.as_array().unwrap().iter().map(|name| name.as_str().unwrap()))
}

#[tokio::test]
async fn create_update_get_and_rotate() {
    let realm = realm().await;
    let made = done(&realm, &["client", "create", "svc", "--token-lifespan", "300"]).await;
    assert_eq!((&made["created"], &made["secret"]), (&json!(true), &json!("********")));
    assert_eq!(fails(&realm, &["client", "create", "svc"]).await, failure(6, "conflict"));

    assert_eq!(fails(&realm, &["client", "update", "svc"]).await, failure(2, "usage"));
    let words = ["--description", "feed", "--attribute", "team=feeds", "--set", "standardFlowEnabled=true"];
    done(&realm, &[&["client", "update", "svc"][..], &words].concat()).await;
    let got = done(&realm, &["client", "get", "svc"]).await;
    assert_eq!((&got["description"], &got["token_lifespan"]), (&json!("feed"), &json!(300)));
    assert_eq!(names(&got["roles"]), [format!("default-roles-{}", realm.name())]);
    assert_eq!(got["secret"], json!("********"));
    assert_eq!(fails(&realm, &["client", "get", "nobody"]).await, failure(5, "not_found"));

    // What a registration did to a client that was there.
    let register = ["client", "register", "svc", "--roles", "none", "--token-lifespan", "700"];
    for updated in [true, false] {
        let again = done(&realm, &register).await;
        assert_eq!((&again["created"], &again["updated"]), (&json!(false), &json!(updated)));
    }
    // A public client signs in by no secret, although the server would make one for it.
    realm.post("/clients", &json!({"clientId": "web", "publicClient": true})).await.unwrap();
    for command in ["rotate-secret", "token"] {
        assert_eq!(fails(&realm, &["client", command, "web"]).await, failure(6, "no_secret"));
    }
    // Where Keycloak is said to be and is not, no password was wrong.
    let elsewhere = ["role", "list", "--keycloak-path", "/nope", "--retries", "0"];
    assert_eq!(fails(&realm, &elsewhere).await, failure(7, "keycloak_not_found"));

    let old = done(&realm, &["client", "get", "svc", "--show-secret"]).await["secret"].clone();
    let new = done(&realm, &["client", "rotate-secret", "svc", "--show-secret"]).await["secret"].clone();
    assert_ne!(old, new);
    let folder = tempfile::tempdir().unwrap();
    for (secret, code) in [(old, 3), (new, 0)] {
        let file = folder.path().join("secret");
        std::fs::write(&file, secret.as_str().unwrap()).unwrap();
        let words = ["client", "token", "svc", "--secret-file", file.to_str().unwrap()];
        let signed_in = output(command(&realm, &words)).await;
        assert_eq!(signed_in.status.code(), Some(code), "{}", shown(&signed_in));
    }
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_token_needs_no_admin_and_is_shown_only_when_asked_for() {
    let realm = realm().await;
    let secret = done(&realm, &["client", "register", "svc", "--show-secret"]).await["secret"].clone();
    let mut command = command(&realm, &["client", "token", "svc", "--secret-file", "-", "-o", "json"]);
    command.env_remove("INSIGHTS_ADMIN_USERNAME").env_remove("INSIGHTS_ADMIN_PASSWORD");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let signed_in = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(secret.as_str().unwrap().as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    });
    let signed_in = signed_in.await.unwrap();
    assert_eq!(signed_in.status.code(), Some(0), "{}", shown(&signed_in));
    assert!(!shown(&signed_in).contains("eyJ"));
    let proof: Value = serde_json::from_slice(&signed_in.stdout).unwrap();
    assert_eq!(
        proof["expires_in"],
        json!(proof["expires_at"].as_i64().unwrap() - proof["issued_at"].as_i64().unwrap())
    );
    let shown = done(&realm, &["client", "token", "svc", "--show-token"]).await;
    assert!(shown["token"].as_str().unwrap().starts_with("eyJ"));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn roles_by_words_and_by_literal_names() {
    let realm = realm().await;
    let added = |value: &Value| names(&value["roles_added"]);
    let none = done(&realm, &["client", "register", "svc", "--roles", "none"]).await;
    assert_eq!(added(&none), Vec::<String>::new());
    let literal = ["client", "roles", "assign", "svc", "--role", "all", "--role", "none", "--role", "a,b"];
    assert_eq!(added(&done(&realm, &literal).await), ["a,b", "all", "none"]);
    let revoke = ["client", "roles", "revoke", "svc", "--role", "a,b", "--role", "insights.query.data"];
    assert_eq!(names(&done(&realm, &revoke).await["roles_revoked"]), ["a,b"]);
    let listed = done(&realm, &["client", "roles", "list", "svc"]).await;
    let listed = sorted(listed.as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()));
    assert_eq!(
        listed,
        sorted(["all".to_owned(), "none".to_owned(), format!("default-roles-{}", realm.name())])
    );
    let unknown = ["client", "roles", "assign", "svc", "--roles", "insights.query.dat"];
    assert_eq!(fails(&realm, &unknown).await, failure(5, "unknown_roles"));
    assert_eq!(fails(&realm, &["client", "roles", "assign", "svc"]).await, failure(2, "usage"));

    let exact = ["client", "register", "svc", "--roles", "insights.role.viewer", "--exact-roles"];
    let exact = done(&realm, &exact).await;
    assert_eq!(
        (added(&exact), names(&exact["roles_revoked"])),
        (vec!["insights.role.viewer".to_owned()], vec!["all".to_owned(), "none".to_owned()])
    );
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn the_words_of_old_hands() {
    let realm = realm().await;
    assert_eq!(done(&realm, &["create-client", "svc"]).await["created"], json!(true));
    let assign = ["user", "assign-roles", "service-account-svc", "--roles", "insights.query.data"];
    assert_eq!(names(&done(&realm, &assign).await["roles_added"]), ["insights.query.data"]);
    assert!(done(&realm, &["user", "get-available-roles"]).await.as_array().unwrap().len() > 4);
    assert_eq!(done(&realm, &["get-client-secret", "svc"]).await["secret"], json!("********"));
    let secret = done(&realm, &["user", "get-client-secret", "svc", "--show-secret"]).await;
    assert!(secret["secret"].as_str().unwrap().len() > 40);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn what_the_platform_needs_is_guarded() {
    let realm = realm().await;
    assert_eq!(fails(&realm, &["client", "delete", "broker", "--yes"]).await, failure(2, "builtin_client"));
    assert_eq!(fails(&realm, &["client", "register", "account"]).await, failure(2, "builtin_client"));
    let web = json!({"clientId": "web", "publicClient": true});
    realm.post("/clients", &web).await.unwrap();
    assert_eq!(fails(&realm, &["client", "register", "web"]).await, failure(6, "not_a_service_account"));
    assert_eq!(done(&realm, &["client", "register", "web", "--convert"]).await["created"], json!(false));
    let master = ["client", "register", "kxi-test-never-made", "--realm", "master"];
    assert_eq!(fails(&realm, &master).await, failure(2, "master_roles"));
    // The platform's own; Keycloak itself refuses to delete those that it needs.
    realm.post("/clients", &json!({"clientId": "insights-app"})).await.unwrap();
    for change in ["assign", "revoke"] {
        let words = ["client", "roles", change, "insights-app", "--roles", "all"];
        assert_eq!(fails(&realm, &words).await, failure(2, "builtin_client"));
    }
    let delete = ["client", "delete", "insights-app", "--yes"];
    assert_eq!(fails(&realm, &delete).await, failure(2, "builtin_client"));
    done(&realm, &[&delete[..], &["--allow-builtin"]].concat()).await;
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_permission_that_is_missing_is_exit_code_4() {
    let realm = realm().await;
    realm.add_admin("reader", "the reader's password", &["view-clients", "view-realm"]).await.unwrap();
    let server = realm.server();
    let mut command = kxi_auth(&server.host(), realm.name(), "reader", "the reader's password").unwrap();
    command.args(["client", "register", "svc", "-o", "json", "--admin-realm", realm.name()]);
    let refused = output(command).await;
    assert_eq!(refused.status.code(), Some(4), "{}", shown(&refused));
    let said: Value = serde_json::from_slice(&refused.stderr).unwrap();
    assert_eq!(said["error"]["kind"], json!("forbidden"));
    assert!(said["error"]["message"].as_str().unwrap().contains("manage-clients"), "{said}");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_admin_client_signs_in_without_a_person() {
    let realm = realm().await;
    let made = done(&realm, &["client", "register", "deployer", "--roles", "none", "--show-secret"]).await;
    let user = realm
        .get(&format!("/clients/{}/service-account-user", made["uuid"].as_str().unwrap()))
        .await
        .unwrap();
    let owner = realm.get("/clients?clientId=realm-management").await.unwrap()[0]["id"].clone();
    let mut roles = Vec::new();
    for role in ["manage-clients", "manage-users", "view-realm"] {
        roles.push(realm.get(&format!("/clients/{}/roles/{role}", owner.as_str().unwrap())).await.unwrap());
    }
    let path =
        format!("/users/{}/role-mappings/clients/{}", user["id"].as_str().unwrap(), owner.as_str().unwrap());
    realm.post(&path, &json!(roles)).await.unwrap();
    let words = ["client", "register", "svc", "--admin-client-id", "deployer", "--admin-realm", realm.name()];
    let mut command = command(&realm, &words);
    command.env("INSIGHTS_ADMIN_CLIENT_SECRET", made["secret"].as_str().unwrap());
    let registered = output(command).await;
    assert_eq!(registered.status.code(), Some(0), "{}", shown(&registered));
    realm.delete().await.unwrap();
}

/// A name that would rewrite the line, clear the screen or turn the text around.
const HOSTILE: &str = "a\u{1b}[2K\u{9b}31m\u{202e}b\r\nok";

#[tokio::test]
async fn hostile_characters_from_the_server_do_not_reach_the_terminal() {
    let realm = realm().await;
    realm.post("/roles", &json!({"name": "odd", "description": HOSTILE})).await.unwrap();
    let client = json!({"clientId": "svc", "description": HOSTILE, "serviceAccountsEnabled": true});
    realm.post("/clients", &client).await.unwrap();
    for words in [&["role", "list"][..], &["client", "get", "svc"], &["export"]] {
        for format in ["table", "json", "yaml", "jsonl"] {
            let told = output(command(&realm, &[words, &["-o", format]].concat())).await;
            assert_eq!(told.status.code(), Some(0), "{}", shown(&told));
            let text = String::from_utf8(told.stdout).unwrap();
            let hostile = |c: &char| (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c);
            assert_eq!(text.chars().find(hostile), None, "{words:?} {format}: {text:?}");
            if format == "json" {
                assert!(text.contains("\\u202e"), "{text}");
            }
        }
    }
    realm.delete().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_streams_and_a_closed_pipe_is_quiet() {
    let realm = realm().await;
    for number in 0..120 {
        realm.post("/clients", &json!({"clientId": format!("svc-{number:03}")})).await.unwrap();
    }
    let lines = output(command(&realm, &["client", "list", "-o", "jsonl"])).await;
    let text = String::from_utf8(lines.stdout).unwrap();
    let ids: Vec<Value> =
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone()).collect();
    assert_eq!(ids.iter().filter(|id| id.as_str().unwrap().starts_with("svc-")).count(), 120);

    let mut command = command(&realm, &["client", "list", "-o", "jsonl"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut first = String::new();
    BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("{\"id\":"), "{first}");
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn the_owner_is_set_by_apply_alone_and_prune_leaves_what_no_file_can_declare() {
    let realm = realm().await;
    let map = r#"attributes={"kxi-auth.owner": "desk"}"#;
    for words in [["--attribute", "kxi-auth.owner=desk"], ["--set", map]] {
        let words = [&["client", "register", "svc"][..], &words].concat();
        assert_eq!(fails(&realm, &words).await, failure(2, "usage"));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clients.yaml");
    let path = file.to_str().unwrap();
    std::fs::write(&file, "owner: desk\nclients: [{id: off, roles: none}, {id: on, roles: none}]\n").unwrap();
    done(&realm, &["apply", "-f", path]).await;
    done(&realm, &["client", "update", "off", "--set", "enabled=false"]).await;
    std::fs::write(&file, "owner: desk\nclients: []\n").unwrap();
    let plan = output(command(&realm, &["plan", "-f", path, "--prune", "--allow-empty"])).await;
    let text = shown(&plan);
    assert!(text.contains("- on  delete\n") && !text.contains("- off  delete"), "{text}");
    assert!(text.contains("warning: `off` is left"), "{text}");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn quiet_drops_warnings_and_nothing_else() {
    let realm = realm().await;
    let words = ["client", "register", "svc", "--set", "fullScopeAllowed=false"];
    let loud = output(command(&realm, &words)).await;
    assert!(String::from_utf8_lossy(&loud.stderr).starts_with("warning: "), "{}", shown(&loud));
    let quiet = output(command(&realm, &[&words[..], &["--quiet"]].concat())).await;
    assert!(quiet.stderr.is_empty() && !quiet.stdout.is_empty(), "{}", shown(&quiet));
    realm.delete().await.unwrap();
}
