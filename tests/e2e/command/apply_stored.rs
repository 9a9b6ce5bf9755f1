//! `plan` and `apply` settle although the server stores something else than it is sent.

use serde_json::json;

use crate::command::desk::{APPLY, Desk};
use crate::setup::{DPOP, can_enforce_dpop, enforce};

const PLAN: [&str; 4] = ["plan", "-f", "clients.yaml", "--exit-code"];

#[tokio::test]
async fn what_a_policy_overrides_is_a_warning_and_never_updated() {
    let desk = Desk::new().await;
    enforce(&desk.realm, "full-scope-disabled", json!({"auto-configure": true})).await.unwrap();

    desk.declare("feeds", &json!([{"id": "svc", "roles": "none", "config": {"fullScopeAllowed": true}}]));
    for expected in ["create", "unchanged", "unchanged"] {
        let run = desk.run(&APPLY).await;
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(run.actions(), [("svc".to_owned(), expected.to_owned())]);
        assert_eq!(
            run.stderr.matches("the server stored false as `fullScopeAllowed`").count(),
            1,
            "{}",
            run.stderr
        );
    }
    let plan = desk.run(&PLAN).await;
    assert_eq!(plan.code, 8, "{}", plan.stderr);
    assert!(plan.stdout.contains("fullScopeAllowed: false -> true"), "{}", plan.stdout);
    desk.realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_plan_shows_removed_keys_and_says_what_kind_a_hidden_difference_is() {
    let desk = Desk::new().await;
    let declare = |config| {
        let mapper = json!({"name": "aud", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
            "consentRequired": true, "config": config});
        desk.declare(
            "feeds",
            &json!([{"id": "svc", "roles": "none", "config": {"protocolMappers": [mapper]}}]),
        );
    };
    declare(json!({"included.custom.audience": "planted-audience", "access.token.claim": "true"}));
    assert_eq!(desk.run(&APPLY).await.code, 0);
    let settled = desk.run(&PLAN).await;
    assert_eq!(settled.code, 0, "{}", settled.stdout);
    assert!(
        settled.stderr.contains("never stores protocolMappers.aud.consentRequired"),
        "{}",
        settled.stderr
    );

    declare(json!({"access.token.claim": "false", "id.token.claim": "true"}));
    let plan = desk.run(&PLAN).await;
    assert_eq!(plan.code, 8, "{}", plan.stderr);
    for line in [
        "protocolMappers.aud.config.access.token.claim: ******** (changes)",
        "protocolMappers.aud.config.id.token.claim: ******** (is added)",
        "protocolMappers.aud.config.included.custom.audience: ******** (is removed)",
    ] {
        assert!(plan.stdout.contains(line), "{}", plan.stdout);
    }
    assert!(!plan.stdout.contains("planted-audience"));
    assert_eq!(desk.run(&APPLY).await.code, 0);
    assert_eq!(desk.run(&PLAN).await.code, 0);
    desk.realm.delete().await.unwrap();
}

/// The secret is live on the server, so it is in its file, although the command fails.
#[tokio::test]
async fn the_live_secret_of_a_client_that_a_policy_keeps_from_signing_in_is_in_its_file() {
    let desk = Desk::new().await;
    let rotate = ["client", "rotate-secret", "before", "--secret-out", "before.secret", "-o", "json"];
    let before = ["client", "register", "before", "--roles", "none", "--secret-out", "before.secret"];
    assert_eq!(desk.run(&before).await.code, 0);
    // Both bind the token to something that the client proves beside its secret.
    let executor = if can_enforce_dpop(&desk.realm).await { DPOP } else { "holder-of-key-enforcer" };
    enforce(&desk.realm, executor, json!({"auto-configure": true})).await.unwrap();
    let held = |id: &str| std::fs::read_to_string(desk.path(&format!("{id}.secret"))).unwrap();
    let old = held("before");
    for words in [
        ["client", "register", "one", "--roles", "none", "--secret-out", "one.secret", "-o", "json"]
            .as_slice(),
        &["client", "create", "two", "--secret-out", "two.secret", "-o", "json"],
        &rotate,
    ] {
        let (run, id) = (desk.run(words).await, words[2]);
        assert_eq!((run.code, run.stdout.as_str()), (6, ""), "{}", run.stderr);
        assert!(run.stderr.contains(r#""kind":"incomplete""#), "{}", run.stderr);
        assert!(run.stderr.contains("but cannot sign in with its secret: conflict"), "{}", run.stderr);
        assert!(run.stderr.contains(&format!("its secret is in {id}.secret")), "{}", run.stderr);
        assert_eq!(held(id), desk.secret(id).await);
    }
    assert_ne!(held("before"), old);
    // Such a client does use its secret, with a proof besides.
    let rotated = desk.run(&rotate).await;
    assert_eq!(rotated.code, 0, "{}", rotated.stderr);
    assert_eq!(held("before"), desk.secret("before").await);

    desk.declare("feeds", &json!([{"id": "three", "roles": "none", "secret_out": "three.secret"}]));
    let run = desk.run(&APPLY).await;
    assert_eq!(run.code, 6, "{}", run.stderr);
    assert_eq!(held("three"), desk.secret("three").await);
    desk.realm.delete().await.unwrap();
}
