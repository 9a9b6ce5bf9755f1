//! `client register`: what it refuses, and what it warns of.

use kxi_auth_tests::programs::command::{kxi_auth, shown};
use serde_json::{Value, json};

use crate::command::run::{command, error, in_json, output};
use crate::setup::realm;

/// Whether such a client exists has to be looked up: what exists must stay manageable.
#[tokio::test]
async fn a_control_character_in_a_new_id_is_refused_and_does_not_reach_the_terminal() {
    let realm = realm().await;
    let (code, _, said) = in_json(&realm, &["client", "register", "a\u{1b}[31mb"]).await;
    assert_eq!(code, 2);
    let message = error(&said)["message"].clone();
    assert_eq!(message, json!("invalid client id: it contains the control character \\u{1b}"));
    assert!(!said.contains('\u{1b}'), "{said:?}");
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
async fn quiet_drops_warnings_and_nothing_else() {
    let realm = realm().await;
    let words = ["client", "register", "svc", "--set", "fullScopeAllowed=false"];
    let loud = output(command(&realm, &words)).await;
    assert!(String::from_utf8_lossy(&loud.stderr).starts_with("warning: "), "{}", shown(&loud));
    let quiet = output(command(&realm, &[&words[..], &["--quiet"]].concat())).await;
    assert!(quiet.stderr.is_empty() && !quiet.stdout.is_empty(), "{}", shown(&quiet));
    realm.delete().await.unwrap();
}
