//! `client token`: a secret proves itself, with or without an admin.

use std::io::Write as _;
use std::process::Stdio;

use kxi_auth_tests::programs::command::shown;
use serde_json::{Value, json};

use crate::command::run::{command, done};
use crate::setup::realm;

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
