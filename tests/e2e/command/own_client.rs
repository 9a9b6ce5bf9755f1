//! The client that the command signs in as: it does not saw off the branch that it sits on.

use serde_json::{Value, json};

use crate::command::desk::{Desk, Run, finish};

const SECRET: &str = "the secret of registrar";

/// What the config of no client may set.
const NEVER: [&str; 4] = [
    "publicClient=true",
    "bearerOnly=true",
    "clientAuthenticatorType=\"client-jwt\"",
    "serviceAccountsEnabled=false",
];

/// A realm with the client `registrar` that administers it, and the UUID of its service account's user.
async fn desk() -> (Desk, String) {
    let desk = Desk::new().await;
    let client = json!({
        "clientId": "registrar",
        "secret": SECRET,
        "serviceAccountsEnabled": true,
        "standardFlowEnabled": false,
        "attributes": {"kxi-auth.owner": "feeds"},
    });
    let uuid = desk.realm.post("/clients", &client).await.unwrap();
    let user = desk.realm.get(&format!("/clients/{uuid}/service-account-user")).await.unwrap();
    let user = user["id"].as_str().unwrap().to_owned();
    desk.realm.grant(&user, &["manage-users", "view-realm"]).await.unwrap();
    // The right to manage clients comes with a realm role.
    let management = desk.realm.get("/clients?clientId=realm-management").await.unwrap()[0]["id"].clone();
    let path = format!("/clients/{}/roles/manage-clients", management.as_str().unwrap());
    let part = desk.realm.get(&path).await.unwrap();
    desk.realm.post("/roles", &json!({"name": "boss"})).await.unwrap();
    desk.realm.post("/roles/boss/composites", &json!([part])).await.unwrap();
    let roles =
        json!([desk.realm.get("/roles/boss").await.unwrap(), desk.realm.get("/roles/all").await.unwrap()]);
    desk.realm.post(&format!("/users/{user}/role-mappings/realm"), &roles).await.unwrap();
    (desk, user)
}

/// Runs the command as `registrar`.
async fn run(desk: &Desk, words: &[&str]) -> Run {
    let mut command = desk.command(&desk.realm.server().host(), words);
    command.env_remove("INSIGHTS_ADMIN_USERNAME").env_remove("INSIGHTS_ADMIN_PASSWORD");
    command.env("INSIGHTS_ADMIN_REALM", desk.realm.name()).env("INSIGHTS_ADMIN_CLIENT_ID", "registrar");
    command.env("INSIGHTS_ADMIN_CLIENT_SECRET", SECRET);
    finish(command).await
}

async fn rejected(desk: &Desk, words: &[&str]) {
    let before = desk.client("registrar").await;
    let run = run(desk, &[words, &["-o", "json"]].concat()).await;
    let last: Value = serde_json::from_str(run.stderr.trim().lines().last().unwrap()).unwrap();
    let error = &last["error"];
    // Some of it no service account may have, whoever signs in.
    let never = words.iter().any(|word| NEVER.contains(word));
    let kind = if never { "invalid_parameter" } else { "own_client" };
    assert_eq!((run.code, &error["kind"]), (2, &json!(kind)), "{words:?}: {}", run.stderr);
    assert!(never || error["hint"].as_str().unwrap().contains("--allow-self"), "{error}");
    assert_eq!(desk.client("registrar").await, before, "{words:?}");
    assert!(desk.roles("registrar").await.contains(&"boss".to_owned()), "{words:?}");
}

#[tokio::test]
async fn what_would_lock_the_command_out_is_refused_and_the_next_command_works() {
    let (desk, _) = desk().await;
    desk.write("other.secret", "another secret");
    for words in [
        ["client", "delete", "registrar", "--yes"].as_slice(),
        &["client", "rotate-secret", "registrar"],
        &["client", "update", "registrar", "--set", "enabled=false"],
        &["client", "update", "registrar", "--set", "publicClient=true"],
        &["client", "update", "registrar", "--set", "bearerOnly=true"],
        &["client", "update", "registrar", "--set", "fullScopeAllowed=false"],
        &["client", "update", "registrar", "--set", "clientAuthenticatorType=\"client-jwt\""],
        &["client", "update", "registrar", "--set", "serviceAccountsEnabled=false"],
        &["client", "update", "registrar", "--secret-file", "other.secret"],
        &["client", "register", "registrar", "--roles", "none", "--secret-file", "other.secret"],
        &["client", "register", "registrar", "--roles", "none", "--exact-roles"],
        &["client", "roles", "revoke", "registrar", "--roles", "boss"],
        &["client", "roles", "revoke", "registrar", "--roles", "all"],
    ] {
        rejected(&desk, words).await;
    }
    desk.declare("feeds", &json!([{"id": "registrar", "roles": ["all"], "exact_roles": true}]));
    rejected(&desk, &["plan", "-f", "clients.yaml"]).await;
    rejected(&desk, &["apply", "-f", "clients.yaml"]).await;
    desk.declare("feeds", &json!([{"id": "svc", "roles": "none"}]));
    let pruning = ["apply", "-f", "clients.yaml", "--prune", "--yes"];
    let apply = run(&desk, &pruning).await;
    assert_eq!(apply.code, 0, "{}", apply.stderr);
    assert!(
        apply.stderr.contains("`registrar` is not deleted: this command signs in as it"),
        "{}",
        apply.stderr
    );
    assert_eq!(run(&desk, &["client", "list"]).await.code, 0);

    // With consent; then the next command is locked out.
    let apply = run(&desk, &[&pruning[..], &["--allow-self"]].concat()).await;
    assert_eq!(apply.code, 0, "{}", apply.stderr);
    assert!(desk.client("registrar").await.is_none());
    assert_eq!(run(&desk, &["client", "list"]).await.code, 3);
    desk.realm.delete().await.unwrap();
}

#[tokio::test]
async fn what_does_no_harm_needs_no_consent() {
    let (desk, user) = desk().await;
    for words in [
        ["client", "update", "registrar", "--description", "signs kxi-auth in"].as_slice(),
        &["client", "update", "registrar", "--token-lifespan", "120"],
        &["client", "register", "registrar", "--roles", "insights.query.data"],
        &["client", "register", "registrar", "--role", "boss", "--exact-roles"],
        &["client", "roles", "revoke", "registrar", "--roles", "insights.role.viewer,none"],
        // Another client may be treated as before.
        &["client", "register", "svc", "--roles", "boss"],
        &["client", "update", "svc", "--set", "enabled=false"],
        &["client", "rotate-secret", "svc"],
        &["client", "roles", "revoke", "svc", "--roles", "boss"],
        &["client", "delete", "svc", "--yes"],
        &["client", "register", "registrar", "--roles", "none", "--exact-roles", "--allow-self"],
    ] {
        let run = run(&desk, words).await;
        assert_eq!(run.code, 0, "{words:?}: {}", run.stderr);
    }
    let left = run(&desk, &["client", "list"]).await;
    assert_eq!(left.code, 4, "the role was revoked: {}", left.stderr);
    desk.realm.grant(&user, &["manage-clients"]).await.unwrap();
    for words in [["client", "rotate-secret", "registrar", "--allow-self"].as_slice(), &["client", "list"]] {
        let run = run(&desk, words).await;
        assert_eq!(run.code, if words[1] == "list" { 3 } else { 0 }, "{words:?}: {}", run.stderr);
    }
    desk.realm.delete().await.unwrap();
}

/// A user who signs in through `admin-cli` is no client.
#[tokio::test]
async fn a_user_has_no_client_of_its_own() {
    let (desk, _) = desk().await;
    for words in [
        ["client", "update", "registrar", "--set", "enabled=false"].as_slice(),
        &["client", "rotate-secret", "registrar"],
        &["client", "roles", "revoke", "registrar", "--roles", "boss"],
        &["client", "delete", "registrar", "--yes"],
    ] {
        let run = desk.run(words).await;
        assert_eq!(run.code, 0, "{words:?}: {}", run.stderr);
    }
    desk.realm.delete().await.unwrap();
}
