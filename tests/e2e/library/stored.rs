//! What the server stores counts: client policies that change a client while it is saved, content that a write replaces
//! or keeps, values that are dropped, and limits of a token's life.

use kxi_auth_core::{ClientConfig, Error, Hint, Roles, Warning};
use serde_json::{Value, json};

use crate::setup::{DPOP, can_enforce_dpop, enforce, manager, realm};

fn texts(warnings: &[Warning]) -> String {
    warnings.iter().map(Warning::to_string).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_client_that_a_policy_keeps_from_signing_in_is_a_conflict() {
    let realm = realm().await;
    let manager = manager(&realm);
    let register = |id: &str| manager.register_client(id).roles(Roles::None);
    let before = register("before").await.unwrap().client;
    let authenticator = json!({"auto-configure": true, "allowed-client-authenticators": ["client-jwt"],
        "default-client-authenticator": "client-jwt"});
    let policies = [
        ("secure-client-authenticator", authenticator, "`clientAuthenticatorType` is \"client-jwt\""),
        (DPOP, json!({"auto-configure": true}), "`attributes.dpop.bound.access.tokens` is \"true\""),
        (
            "holder-of-key-enforcer",
            json!({"auto-configure": true}),
            "`attributes.tls.client.certificate.bound.access.tokens` is \"true\"",
        ),
    ];
    for (executor, configuration, stored) in policies {
        if executor == DPOP && !can_enforce_dpop(&realm).await {
            continue;
        }
        enforce(&realm, executor, configuration).await.unwrap();
        let id = format!("svc-{executor}");
        let error = register(&id).await.unwrap_err();
        let text = error.to_string();
        assert!(
            error.is_conflict() && text.contains("was created, but cannot sign in") && text.contains(stored),
            "{text}"
        );
        assert!(text.contains("client policy") && error.hint() == Some(Hint::CheckClientPolicies), "{text}");
        // It says the same again, and not that nothing changed.
        for again in [register(&id).await.unwrap_err(), register(&id).plan().await.unwrap_err()] {
            assert!(matches!(again, Error::NotAServiceAccount { .. }), "{again}");
            assert!(again.to_string().contains(stored), "{again}");
        }
        let new = manager.register_new_client(format!("new-{executor}")).await.unwrap_err();
        assert!(new.is_conflict() && new.to_string().contains(stored), "{new}");
    }
    // An update that breaks the sign-in.
    let config = ClientConfig::new().description("d");
    let error = manager.update_client(&before).config(config).await.unwrap_err();
    assert!(error.is_conflict() && error.to_string().contains("was changed, but cannot sign in"), "{error}");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_field_that_a_policy_overrides_is_a_warning_each_time_and_no_update() {
    let realm = realm().await;
    let manager = manager(&realm);
    enforce(&realm, "full-scope-disabled", json!({"auto-configure": true})).await.unwrap();
    let wanted = || {
        let config = ClientConfig::new().full_scope_allowed(true).description("feed");
        manager.register_client("svc").roles(Roles::None).config(config)
    };
    let stored = "the server stored false as `fullScopeAllowed` of the client `svc`, not true";
    let first = wanted().await.unwrap();
    assert!(first.created && texts(&first.warnings).contains(stored), "{}", texts(&first.warnings));
    assert!(texts(&first.warnings).contains("contain no roles"), "{}", texts(&first.warnings));
    for _ in 0..2 {
        let plan = wanted().plan().await.unwrap();
        let fields: Vec<&str> = plan.changes.iter().map(|change| change.field.as_str()).collect();
        assert_eq!(fields, ["fullScopeAllowed"]);
        let again = wanted().await.unwrap();
        assert!(!again.created && !again.updated && texts(&again.warnings).contains(stored));
    }
    let config = ClientConfig::new().full_scope_allowed(true);
    let done = manager.update_client(&first.client).config(config.clone()).await.unwrap();
    assert!(!done.updated && texts(&done.warnings).contains(stored));
    let done = manager.update_client(&first.client).config(config.description("other")).await.unwrap();
    assert!(done.updated && texts(&done.warnings).contains(stored));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_unknown_client_scope_is_dropped_with_a_warning() {
    let realm = realm().await;
    let config = ClientConfig::new().client_scopes(["roles", "no-such-scope"], ["phone"]);
    let registration = manager(&realm).register_client("svc").roles(Roles::None).config(config);
    let warnings = texts(&registration.await.unwrap().warnings);
    assert!(warnings.contains("`defaultClientScopes`") && warnings.contains("no-such-scope"), "{warnings}");
    realm.delete().await.unwrap();
}

fn audience(config: &Value) -> Value {
    json!([{"name": "aud", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper", "config": config}])
}

#[tokio::test]
async fn a_key_that_is_dropped_from_nested_content_is_planned_and_removed() {
    let realm = realm().await;
    let manager = manager(&realm);
    let flows = realm.get("/authentication/flows").await.unwrap();
    let flow = |alias: &str| {
        let flow = flows.as_array().unwrap().iter().find(|flow| flow["alias"] == alias).unwrap();
        flow["id"].as_str().unwrap().to_owned()
    };
    let both = json!({"browser": flow("browser"), "direct_grant": flow("direct grant")});
    let mapper =
        json!({"included.custom.audience": "other", "access.token.claim": "true", "id.token.claim": "false"});
    let states = [
        (both.clone(), mapper.clone()),
        (
            json!({"browser": both["browser"]}),
            json!({"access.token.claim": "true", "id.token.claim": "false"}),
        ),
        (json!({}), json!({"access.token.claim": "false"})),
        (both, mapper),
    ];
    let mut planned = Vec::new();
    for (overrides, config) in states {
        let config = ClientConfig::new()
            .set("authenticationFlowBindingOverrides", overrides.clone())
            .set("protocolMappers", audience(&config));
        let registration = manager.register_client("svc").roles(Roles::None).config(config.clone());
        let changes = registration.clone().plan().await.unwrap().changes;
        planned.push(changes.into_iter().map(|change| change.field).collect::<Vec<_>>());
        let done = registration.clone().await.unwrap();
        assert_eq!(texts(&done.warnings), "");
        assert!(registration.plan().await.unwrap().is_unchanged());
        let stored = manager.get_client("svc").details().await.unwrap();
        assert_eq!(stored.fields()["authenticationFlowBindingOverrides"], overrides);
    }
    assert_eq!(
        planned[1],
        [
            "authenticationFlowBindingOverrides.direct_grant",
            "protocolMappers.aud.config.included.custom.audience"
        ]
    );
    assert_eq!(
        planned[2],
        [
            "authenticationFlowBindingOverrides.browser",
            "protocolMappers.aud.config.access.token.claim",
            "protocolMappers.aud.config.id.token.claim"
        ]
    );
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn what_the_server_never_stores_is_reported_and_no_difference() {
    let realm = realm().await;
    let manager = manager(&realm);
    let mut mappers = audience(&json!({"included.custom.audience": "other"}));
    mappers[0]["consentRequired"] = json!(true);
    mappers[0]["consentText"] = json!("text");
    let registration = || {
        let config = ClientConfig::new().set("protocolMappers", mappers.clone());
        manager.register_client("svc").roles(Roles::None).config(config)
    };
    let dropped =
        "the server never stores protocolMappers.aud.consentRequired, protocolMappers.aud.consentText";
    assert!(texts(&registration().plan().await.unwrap().warnings).contains(dropped));
    let done = registration().await.unwrap();
    assert!(texts(&done.warnings).contains(dropped) && done.warnings.len() == 1, "{}", texts(&done.warnings));
    let plan = registration().plan().await.unwrap();
    assert!(plan.is_unchanged() && texts(&plan.warnings).contains(dropped));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_lifespan_above_a_limit_is_a_warning_with_both_numbers() {
    let realm = realm().await;
    realm.put("", &json!({"ssoSessionMaxLifespan": 500, "clientSessionMaxLifespan": 400})).await.unwrap();
    let manager = manager(&realm);
    let config = ClientConfig::new().attribute("client.session.max.lifespan", "200");
    let realms = manager.register_client("svc-realm").roles(Roles::None).token_lifespan(1000);
    let own = manager.register_client("svc-own").roles(Roles::None).token_lifespan(300).config(config);
    let expected = [
        (
            realms,
            400,
            "live 400 s, not the 1000 s of its token lifespan: the realm's `clientSessionMaxLifespan` is 400 s",
        ),
        (
            own,
            200,
            "live 200 s, not the 300 s of its token lifespan: the client's attribute `client.session.max.lifespan` is 200 s",
        ),
    ];
    for (registration, seconds, text) in expected {
        let plan = registration.clone().plan().await.unwrap();
        assert!(texts(&plan.warnings).contains(text), "{}", texts(&plan.warnings));
        let done = registration.await.unwrap();
        assert!(texts(&done.warnings).contains(text), "{}", texts(&done.warnings));
        let token = manager.client_token(&done.id, done.secret.as_ref().unwrap()).await.unwrap();
        assert_eq!(token.lifetime.as_secs(), seconds);
        let updated = manager.update_client(&done.client).token_lifespan(100).await.unwrap();
        assert_eq!(texts(&updated.warnings), "");
        // The limit is set below the lifespan that is stored.
        let limit = ClientConfig::new().attribute("client.session.max.lifespan", "50");
        let updated = manager.update_client(&done.client).config(limit).await.unwrap();
        assert!(
            texts(&updated.warnings).contains("live 50 s, not the 100 s"),
            "{}",
            texts(&updated.warnings)
        );
    }
    realm.delete().await.unwrap();
}
