//! The built command on a real Keycloak.

pub(crate) mod apply;
mod apply_ended;
mod apply_owner;
mod client_commands;
mod client_life;
mod doctor;
mod export;
mod export_left_out;
mod sign_in;
mod terminal;

use std::process::Command;

use kxi_auth_tests::keycloak::realm::TestRealm;
use kxi_auth_tests::programs::command::kxi_auth;
use serde_json::{Value, json};

use crate::{realm, sorted};

pub(crate) fn command(realm: &TestRealm, words: &[&str]) -> Command {
    let server = realm.server();
    let mut command = kxi_auth(&server.host(), realm.name(), server.username(), server.password()).unwrap();
    command.args(words);
    command
}

/// Runs it in json and returns the exit code, the result and what it said on standard error.
pub(crate) async fn run(realm: &TestRealm, words: &[&str]) -> (i32, Value, String) {
    let mut command = command(realm, words);
    command.args(["-o", "json"]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let result = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code().unwrap(), result, String::from_utf8(output.stderr).unwrap())
}

/// The error that a run in json said.
fn error(said: &str) -> Value {
    let said: Value = serde_json::from_str(said).unwrap();
    said["error"].clone()
}

#[tokio::test]
async fn register_list_token_and_delete() {
    let realm = realm().await;
    let (code, first, _) = run(&realm, &["client", "register", "svc"]).await;
    assert_eq!((code, &first["created"], &first["secret"]), (0, &json!(true), &json!("********")));
    let (code, second, _) = run(&realm, &["client", "register", "svc"]).await;
    assert_eq!((code, &second["created"], &second["uuid"]), (0, &json!(false), &first["uuid"]));

    let (_, clients, _) = run(&realm, &["client", "list"]).await;
    let mine: Vec<&Value> =
        clients.as_array().unwrap().iter().filter(|client| client["id"] == "svc").collect();
    assert_eq!(mine.len(), 1);
    let (_, roles, _) = run(&realm, &["role", "list"]).await;
    let names = roles.as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap());
    let (_, token, _) = run(&realm, &["client", "token", "svc"]).await;
    let in_token = token["roles"].as_array().unwrap().iter().map(|role| role.as_str().unwrap());
    assert_eq!(sorted(in_token), sorted(names));
    assert_eq!(token["expires_in"], json!(300));
    assert_eq!(token.get("token"), None);

    let (code, _, said) = run(&realm, &["client", "delete", "svc"]).await;
    assert_eq!(code, 2);
    assert_eq!(error(&said)["message"], json!("deleting needs --yes where nobody can be asked"));
    assert_eq!(run(&realm, &["client", "delete", "svc", "--yes"]).await.0, 0);
    assert_eq!(run(&realm, &["client", "delete", "svc", "--yes"]).await.0, 5);
    realm.delete().await.unwrap();
}

/// Whether such a client exists has to be looked up: what exists must stay manageable.
#[tokio::test]
async fn a_control_character_in_a_new_id_is_refused_and_does_not_reach_the_terminal() {
    let realm = realm().await;
    let (code, _, said) = run(&realm, &["client", "register", "a\u{1b}[31mb"]).await;
    assert_eq!(code, 2);
    let message = error(&said)["message"].clone();
    assert_eq!(message, json!("invalid client id: it holds the control character \\u{1b}"));
    assert!(!said.contains('\u{1b}'), "{said:?}");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_secret_comes_from_a_file_and_is_shown_only_when_asked_for() {
    let realm = realm().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "from the file\n").unwrap();
    let file = file.to_str().unwrap();
    let (_, shown, _) =
        run(&realm, &["client", "register", "svc", "--secret-file", file, "--show-secret"]).await;
    assert_eq!(shown["secret"], json!("from the file"));
    let (code, token, _) =
        run(&realm, &["client", "token", "svc", "--secret-file", file, "--show-token"]).await;
    assert_eq!(code, 0);
    assert!(token["token"].as_str().unwrap().starts_with("eyJ"));

    std::fs::write(file, "not-this-one").unwrap();
    let (code, _, said) = run(&realm, &["client", "token", "svc", "--secret-file", file]).await;
    assert_eq!(code, 3, "{said}");
    assert!(!said.contains("not-this-one"), "{said}");
    realm.delete().await.unwrap();
}
