//! `client token`: a secret proves itself, with or without an admin.

use std::io::Write as _;
use std::process::Stdio;

use kxi_auth_tests::keycloak::differences::SECRET_FOR_JWT;
use kxi_auth_tests::keycloak::realm::TestRealm;
use kxi_auth_tests::programs::command::{run, shown};
use serde_json::{Value, json};

use crate::command::run::{command, done};
use crate::setup::{expected, realm};

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

/// The message and the hint of a sign-in with the right secret that fails.
async fn refused(realm: &TestRealm, id: &str, secret: &str) -> (String, String) {
    let words = ["client", "token", id, "--secret-file", "-", "-o", "json"];
    let ran = run(command(realm, &words), secret).await.unwrap();
    let error = ran.error().unwrap();
    let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
    (text("message"), text("hint"))
}

#[tokio::test]
async fn a_right_secret_is_not_doubted() {
    let realm = realm().await;
    let attribute = "tls.client.certificate.bound.access.tokens";
    for (id, fields) in [
        ("plain", json!({})),
        ("off", json!({"enabled": false})),
        ("no-account", json!({"serviceAccountsEnabled": false})),
        ("jwt", json!({"clientAuthenticatorType": "client-jwt"})),
        ("bound", json!({"attributes": {attribute: "true"}})),
        ("no-user", json!({})),
    ] {
        let mut client = json!({"clientId": id, "secret": "the secret", "serviceAccountsEnabled": true});
        client.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let uuid = realm.post("/clients", &client).await.unwrap();
        if id == "no-user" {
            let user = realm.get(&format!("/clients/{uuid}/service-account-user")).await.unwrap();
            let user = format!("/users/{}", user["id"].as_str().unwrap());
            realm.put(&user, &json!({"enabled": false})).await.unwrap();
        }
    }
    let (jwt, of_jwt) = expected(
        &realm,
        &SECRET_FOR_JWT,
        ("signed JWT", "client get ID"),
        ("Unexpected error when authenticating client", ""),
    )
    .await;
    for (id, secret, cause, advice) in [
        ("plain", "another", "the secret is wrong", "may store a different secret"),
        ("off", "the secret", "is disabled", "client get ID"),
        ("no-account", "the secret", "service account is off", "client register"),
        ("jwt", "the secret", jwt, of_jwt),
        ("bound", "the secret", "requires a client certificate", "turn that attribute of the client off"),
        (
            "no-user",
            "the secret",
            "the user of the client's service account is disabled",
            "enable the account",
        ),
    ] {
        let (message, hint) = refused(&realm, id, secret).await;
        assert!(message.contains(cause) && hint.contains(advice), "{id}: {message}: {hint}");
        assert_eq!(hint.contains("different secret"), secret == "another", "{id}: {hint}");
    }
    // It is the server on this machine, but its realm wants more than that.
    for (settings, cause, advice) in [
        (json!({"sslRequired": "all"}), "the realm requires HTTPS", "https://"),
        (json!({"sslRequired": "external", "enabled": false}), "the realm is disabled", "enable the realm"),
    ] {
        realm.put("", &settings).await.unwrap();
        let (message, hint) = refused(&realm, "plain", "the secret").await;
        assert!(message.contains(cause) && hint.contains(advice), "{message}: {hint}");
    }
    realm.delete().await.unwrap();
}
