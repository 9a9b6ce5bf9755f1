//! `plan` and `apply` settle although the server stores something else than it is sent.

use serde_json::json;

use crate::command::desk::{APPLY, Desk};

const PLAN: [&str; 4] = ["plan", "-f", "clients.yaml", "--exit-code"];

#[tokio::test]
async fn what_a_policy_overrides_is_a_warning_and_never_updated() {
    let desk = Desk::new().await;
    let executors = json!([{"executor": "full-scope-disabled", "configuration": {"auto-configure": true}}]);
    let profiles = json!({"profiles": [{"name": "profile", "executors": executors}]});
    desk.realm.put("/client-policies/profiles", &profiles).await.unwrap();
    let conditions = json!([{"condition": "any-client", "configuration": {}}]);
    let policy =
        json!({"name": "policy", "enabled": true, "conditions": conditions, "profiles": ["profile"]});
    desk.realm.put("/client-policies/policies", &json!({"policies": [policy]})).await.unwrap();

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
