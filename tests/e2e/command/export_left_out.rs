//! `export` of what a file cannot hold: the rest is a file that `plan` and `apply` take.

use kxi_auth_tests::keycloak::differences::TYPE_OF_CLIENTS;
use kxi_auth_tests::programs::command::{kxi_auth, run};
use serde_json::{Value, json};

use crate::command::desk::{Desk, writes};
use crate::setup::expected;

/// A service account that Keycloak made, not this command.
async fn make(desk: &Desk, id: &str, fields: Value) -> String {
    let mut client = json!({"clientId": id, "serviceAccountsEnabled": true, "standardFlowEnabled": false});
    client.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    desk.realm.post("/clients", &client).await.unwrap()
}

/// Each client, with its part of the file (none if it is left out) and with what is said of it.
fn cases(has_type: bool) -> Vec<(&'static str, Value, Option<Value>, Vec<&'static str>)> {
    let attribute = |name: &str, value: &str| json!({"attributes": {name: value}});
    let all = |fields: Value| Some(fields);
    let mut odd = json!({"surrogateAuthRequired": true, "alwaysDisplayInConsole": true, "nodeReRegistrationTimeout": 30});
    if has_type {
        odd["type"] = json!("odd");
    }
    let mut cases = vec![
        ("plain", json!({}), all(json!({})), vec![]),
        (
            "consent",
            json!({"consentRequired": true, "fullScopeAllowed": true}),
            all(json!({"config": {"consentRequired": true, "fullScopeAllowed": true}})),
            vec![],
        ),
        (
            "narrow",
            json!({"consentRequired": true}),
            all(json!({"config": {"consentRequired": true, "fullScopeAllowed": false}})),
            vec![],
        ),
        ("odd", odd.clone(), all(json!({"config": odd})), vec![]),
        (
            "scopes",
            json!({"defaultClientScopes": ["roles", "acr"], "optionalClientScopes": []}),
            all(json!({"config": {"defaultClientScopes": ["acr", "roles"], "optionalClientScopes": []}})),
            vec![],
        ),
        (
            "authz",
            json!({"authorizationServicesEnabled": true}),
            all(json!({"config": {"authorizationServicesEnabled": true}})),
            vec!["its resources, policies and permissions are left out"],
        ),
        (
            "mapper",
            json!({"protocolMappers": [{"name": "planted", "protocol": "openid-connect",
            "protocolMapper": "oidc-hardcoded-claim-mapper", "config": {"claim.name": "t", "claim.value": "planted"}}]}),
            all(json!({})),
            vec!["`protocolMappers` is left out: it may hold secrets"],
        ),
        (
            "state",
            json!({"notBefore": 17, "registeredNodes": {"planted": 1_700_000_000}}),
            all(json!({})),
            vec!["`notBefore` is left out", "`registeredNodes` is left out"],
        ),
        (
            "alg",
            attribute("access.token.signed.response.alg", "planted"),
            all(json!({})),
            vec!["is not a signature algorithm"],
        ),
        ("lived", attribute("access.token.lifespan", "600"), all(json!({"token_lifespan": 600})), vec![]),
        ("esc\u{1b}[31m\tname", json!({}), all(json!({})), vec![]),
        (
            "jwt",
            json!({"clientAuthenticatorType": "client-jwt", "attributes": {"kxi-auth.owner": "feeds"}}),
            None,
            vec!["`clientAuthenticatorType` is \"client-jwt\""],
        ),
        ("public", json!({"publicClient": true}), None, vec!["`publicClient` is true"]),
        ("bearer", json!({"bearerOnly": true}), None, vec!["`bearerOnly` is true"]),
        ("saml", json!({"protocol": "saml"}), None, vec!["`protocol` is \"saml\""]),
        ("off", json!({"enabled": false}), all(json!({"enabled": false})), vec![]),
        (
            "web",
            json!({"serviceAccountsEnabled": false, "attributes": {"kxi-auth.owner": "feeds"}}),
            None,
            vec!["it has no service account"],
        ),
        ("\u{a0}", json!({}), None, vec!["`apply` rejects it: invalid client id: it is blank"]),
    ];
    for (id, lifespan) in
        [("dead", "0"), ("negative", "-1"), ("long", "2147483648"), ("word", "planted"), ("padded", "0300")]
    {
        let told =
            "its `token_lifespan` is left out: the stored attribute `access.token.lifespan` is not usable";
        cases.push((id, attribute("access.token.lifespan", lifespan), all(json!({})), vec![told]));
    }
    cases
}

#[tokio::test]
async fn what_a_file_cannot_hold_is_told_and_the_rest_is_a_file_that_changes_nothing() {
    let desk = Desk::new().await;
    let has_type = expected(&desk.realm, &TYPE_OF_CLIENTS, true, false).await;
    let typed = desk.realm.post("/clients", &json!({"clientId": "typed", "type": "odd"})).await;
    assert_eq!(typed.is_ok(), has_type, "{typed:?}");
    let rejection = typed.err().map(|error| format!("{error:#}"));
    assert!(
        rejection.iter().all(|text| text.contains("400") && text.contains(r#"field \"type\""#)),
        "{rejection:?}"
    );
    let cases = cases(has_type);
    for (id, fields, ..) in &cases {
        make(&desk, id, fields.clone()).await;
    }
    let flows = desk.realm.get("/authentication/flows").await.unwrap();
    let flow = flows.as_array().unwrap().iter().find(|flow| flow["alias"] == "direct grant").unwrap();
    make(&desk, "flow", json!({"authenticationFlowBindingOverrides": {"direct_grant": flow["id"]}})).await;
    let before = desk.realm.get("/clients?first=0&max=1000").await.unwrap();

    let (export, log) = desk.recorded(&["export", "--owner", "feeds"], &[]).await;
    assert_eq!((export.code, writes(&log)), (0, Vec::new()), "{}", export.stderr);
    for text in [&export.stdout, &export.stderr] {
        assert!(!text.contains("planted") && !text.contains('\u{1b}'), "{text}");
    }
    desk.write("clients.yaml", &export.stdout);
    let file = desk.run(&["export", "--owner", "feeds", "-o", "json"]).await.json();
    for (id, _, expected, told) in &cases {
        let found = file["clients"].as_array().unwrap().iter().find(|client| client["id"] == *id);
        let expected = expected.clone().map(|mut client| {
            client["id"] = json!(id);
            client["roles"] = json!("none");
            client
        });
        assert_eq!(found, expected.as_ref(), "{id:?}");
        let start = format!("`{id}`");
        let said: Vec<&str> = export.stderr.lines().filter(|line| line.contains(&start)).collect();
        let told: Vec<&&str> = told.iter().collect();
        assert_eq!(said.len(), told.len(), "{id:?}: {said:?}");
        for told in told {
            assert!(said.iter().any(|line| line.contains(*told)), "{told}: {said:?}");
        }
    }
    assert!(export.stderr.contains("`flow`: `authenticationFlowBindingOverrides` is left out"));
    assert!(export.stderr.contains("existing clients keep the settings that are left out"));

    let plan = desk.run(&["plan", "-f", "clients.yaml", "-o", "json"]).await;
    assert_eq!(plan.code, 0, "{}", plan.stderr);
    for client in plan.json()["clients"].as_array().unwrap() {
        let changes = client["changes"].as_array().unwrap();
        let fields: Vec<&Value> = changes.iter().map(|change| &change["field"]).collect();
        assert_eq!(fields, [&json!("attributes.kxi-auth.owner")], "{client}");
        assert_eq!((&client["roles_added"], &client["roles_revoked"]), (&json!([]), &json!([])), "{client}");
    }
    let apply = desk.run(&["apply", "-f", "clients.yaml"]).await;
    assert_eq!(apply.code, 0, "{}", apply.stderr);
    // What the file leaves out does not belong to it: nothing is pruned either.
    let settled = desk.run(&["plan", "-f", "clients.yaml", "--prune", "--exit-code"]).await;
    assert_eq!(settled.code, 0, "{}{}", settled.stdout, settled.stderr);
    let after = desk.realm.get("/clients?first=0&max=1000").await.unwrap();
    let (before, after) = (before.as_array().unwrap(), after.as_array().unwrap());
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(after) {
        assert_eq!(without_owner(before.clone()), without_owner(after.clone()));
    }
    desk.realm.delete().await.unwrap();
}

/// The client but for its owner, its scopes sorted: the server keeps no order of them.
fn without_owner(mut client: Value) -> Value {
    client["attributes"].as_object_mut().unwrap().remove("kxi-auth.owner");
    for scopes in ["defaultClientScopes", "optionalClientScopes"] {
        client[scopes].as_array_mut().unwrap().sort_by_key(ToString::to_string);
    }
    client
}

#[tokio::test]
async fn a_role_with_a_blank_name_is_left_out() {
    let desk = Desk::new().await;
    desk.realm.post("/roles", &json!({"name": "  "})).await.unwrap();
    let uuid = make(&desk, "svc", json!({})).await;
    let user = desk.realm.get(&format!("/clients/{uuid}/service-account-user")).await.unwrap();
    let roles = desk.realm.get("/roles").await.unwrap();
    let blank = roles.as_array().unwrap().iter().find(|role| role["name"] == "  ").unwrap();
    let mapping = format!("/users/{}/role-mappings/realm", user["id"].as_str().unwrap());
    desk.realm.post(&mapping, &json!([blank])).await.unwrap();
    let export = desk.run(&["export", "--owner", "feeds"]).await;
    assert!(export.stderr.contains("`svc`: a role with a blank name is left out"), "{}", export.stderr);
    desk.write("clients.yaml", &export.stdout);
    assert_eq!(desk.run(&["apply", "-f", "clients.yaml"]).await.code, 0);
    assert!(desk.roles("svc").await.contains(&"  ".to_owned()));
    desk.realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_admin_that_only_reads_can_export() {
    let desk = Desk::new().await;
    make(&desk, "svc", json!({"defaultClientScopes": ["acr"], "optionalClientScopes": []})).await;
    let (name, password) = ("reader", "the reader's password");
    desk.realm.add_admin(name, password, &["view-clients", "view-users", "view-realm"]).await.unwrap();
    let mut command = kxi_auth(&desk.realm.server().host(), desk.realm.name(), name, password).unwrap();
    command.env("INSIGHTS_ADMIN_REALM", desk.realm.name()).args(["export", "-o", "json"]);
    let export = run(command, "").await.unwrap();
    assert_eq!((export.code, export.stderr.as_str()), (0, ""));
    let expected = json!({"defaultClientScopes": ["acr"], "optionalClientScopes": []});
    assert_eq!(export.json().unwrap()["clients"][0]["config"], expected);
    desk.realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_owner_that_no_file_can_name_is_refused() {
    let desk = Desk::new().await;
    let blank = desk.run(&["export", "--owner", " "]).await;
    assert_eq!((blank.code, blank.stdout.as_str()), (2, ""), "{}", blank.stderr);
    make(&desk, "svc", json!({"attributes": {"kxi-auth.owner": "a\tb"}})).await;
    let stored = desk.run(&["export"]).await;
    assert_eq!((stored.code, stored.stdout.as_str()), (2, ""), "{}", stored.stderr);
    assert!(stored.stderr.contains("--owner NAME"), "{}", stored.stderr);
    let named = desk.run(&["export", "--owner", "feeds"]).await;
    assert_eq!(named.code, 0, "{}", named.stderr);
    desk.realm.delete().await.unwrap();
}

/// The default role is known by what the realm says, not by its name.
#[tokio::test]
async fn the_default_role_of_a_renamed_realm_is_not_declared() {
    let mut desk = Desk::new().await;
    let name = format!("{}-renamed", desk.realm.name());
    desk.realm.rename(name).await.unwrap();
    make(&desk, "svc", json!({})).await;
    let (export, log) = desk.recorded(&["export", "--owner", "feeds"], &[]).await;
    assert!(export.stdout.contains("roles: none"), "{}{}", export.stdout, export.stderr);
    let realm = format!("/admin/realms/{}", desk.realm.name());
    assert_eq!(log.iter().filter(|raw| raw.request.path.ends_with(&realm)).count(), 1);
    desk.realm.delete().await.unwrap();
}
