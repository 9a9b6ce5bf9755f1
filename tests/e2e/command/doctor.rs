//! `kxi-auth doctor` on a real Keycloak.

use std::process::{Command, Output};

use kxi_auth_tests::keycloak::differences::HIDDEN_VERSION;
use kxi_auth_tests::keycloak::realm::TestRealm;
use kxi_auth_tests::programs::command::{kxi_auth, shown};
use serde_json::{Value, json};

use crate::setup::{expected, realm};

const PASSWORD: &str = "the realm admin's password";

/// The doctor, run by the administrator of `master`.
fn doctor(realm: &TestRealm) -> Command {
    let server = realm.server();
    let mut command = kxi_auth(&server.host(), realm.name(), server.username(), server.password()).unwrap();
    command.arg("doctor");
    command
}

/// The doctor, run by a new admin of the realm with these roles of `realm-management`.
async fn doctor_as(realm: &TestRealm, name: &str, roles: &[&str]) -> Command {
    realm.add_admin(name, PASSWORD, roles).await.unwrap();
    let mut command = kxi_auth(&realm.server().host(), realm.name(), name, PASSWORD).unwrap();
    command.arg("doctor").env("INSIGHTS_ADMIN_REALM", realm.name());
    command
}

/// Runs it; no password may be shown.
async fn run(realm: &TestRealm, mut command: Command) -> Output {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = shown(&output);
    assert!(!said.contains(PASSWORD) && !said.contains("eyJ"), "{said}");
    assert!(realm.server().password().len() < 8 || !said.contains(realm.server().password()), "{said}");
    output
}

/// Exit code and checks.
async fn checks(realm: &TestRealm, mut command: Command) -> (i32, Vec<Value>) {
    command.args(["-o", "json"]);
    let output = run(realm, command).await;
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
}

/// The checks in a state, in their order.
fn in_state<'a>(checks: &'a [Value], state: &str) -> Vec<&'a str> {
    let matching = checks.iter().filter(|check| check["state"] == state);
    matching.map(|check| check["check"].as_str().unwrap()).collect()
}

fn check<'a>(checks: &'a [Value], name: &str) -> &'a Value {
    checks.iter().find(|check| check["check"] == name).unwrap()
}

/// What differs from server to server and run to run is replaced.
async fn normal(realm: &TestRealm, output: &Output) -> String {
    let server = realm.server();
    let port = server.host().rsplit(':').next().unwrap().to_owned();
    let version = server.version().await.unwrap();
    let base = format!("{}{}", server.host(), server.base_path());
    shown(output)
        .replace(&format!("at {base}\n"), "at [base]\n")
        .replace(&server.host(), "http://host")
        .replace(&format!("port {port}"), "port [port]")
        .replace(realm.name(), "[realm]")
        .replace(&format!("Keycloak {version}"), "Keycloak [version]")
        // One short when the clock ticked over while the token was made.
        .replace("59 s\n", "60 s\n")
}

#[tokio::test]
async fn all_is_well() {
    let realm = realm().await;
    // Without a user nobody could tell what may be done with one.
    realm.post("/users", &json!({"username": "somebody", "enabled": true})).await.unwrap();
    let output = run(&realm, doctor(&realm)).await;
    insta::assert_snapshot!(normal(&realm, &output).await);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_told_is_a_warning() {
    let realm = realm().await;
    let (code, checks) = checks(&realm, doctor(&realm)).await;
    assert_eq!(code, 0);
    assert_eq!(in_state(&checks, "warning"), ["permission view-users", "permission manage-users"]);
    let found = check(&checks, "permission manage-users")["found"].as_str().unwrap();
    assert!(found.starts_with("cannot be checked"), "{found}");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_told_after_all_that_needs_none() {
    let realm = realm().await;
    let mut command = doctor_as(&realm, "boss", &["realm-admin"]).await;
    command.env("INSIGHTS_ADMIN_PASSWORD", "wrong");
    let (code, checks) = checks(&realm, command).await;
    assert_eq!(code, 3);
    assert_eq!(in_state(&checks, "failed"), ["sign-in"]);
    assert_eq!(
        in_state(&checks, "ok"),
        ["settings", "address", "connection", "tls", "keycloak", "realm"],
        "{checks:?}"
    );
    assert!(check(&checks, "sign-in")["remedy"].as_str().unwrap().contains("lockout"));
    assert_eq!(check(&checks, "version")["found"], "needs: sign-in");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn without_a_password_the_way_to_the_server_is_looked_at() {
    let realm = realm().await;
    let mut command = doctor(&realm);
    command.env_remove("INSIGHTS_ADMIN_PASSWORD");
    let (code, checks) = checks(&realm, command).await;
    assert_eq!(code, 2);
    assert_eq!(in_state(&checks, "failed"), ["settings"]);
    assert_eq!(in_state(&checks, "ok"), ["address", "connection", "tls", "keycloak", "realm"]);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_unknown_realm_is_exit_code_5_in_lines_as_they_are_known() {
    let realm = realm().await;
    let mut command = doctor(&realm);
    command.env("INSIGHTS_REALM", "no-such-realm").args(["-o", "jsonl"]);
    let output = run(&realm, command).await;
    assert_eq!(output.status.code(), Some(5));
    let lines = String::from_utf8(output.stdout).unwrap();
    let checks: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(in_state(&checks, "failed"), ["realm"]);
    // The admin is of another realm.
    assert_eq!(check(&checks, "sign-in")["state"], "ok");
    assert_eq!(check(&checks, "permission view-clients")["found"], "needs: realm");
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error["error"]["message"], format!("1 of {} checks failed: realm", checks.len()));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_unknown_realm_of_the_admin_has_its_own_remedy() {
    let realm = realm().await;
    let mut command = doctor(&realm);
    command.env("INSIGHTS_ADMIN_REALM", "no-such-realm");
    let (code, checks) = checks(&realm, command).await;
    assert_eq!((code, in_state(&checks, "failed")), (5, vec!["sign-in"]));
    assert!(check(&checks, "sign-in")["remedy"].as_str().unwrap().contains("--admin-realm"));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn the_least_rights_are_enough_and_a_hidden_version_is_said_to_be_hidden() {
    let realm = realm().await;
    let command = doctor_as(&realm, "least", &["manage-clients", "manage-users", "view-realm"]).await;
    let (code, checks) = checks(&realm, command).await;
    assert_eq!((code, in_state(&checks, "ok").len()), (0, checks.len()), "{checks:?}");
    let version = realm.server().version().await.unwrap();
    let hidden = "the server does not show it to this admin".to_owned();
    let shown = expected(&realm, &HIDDEN_VERSION, hidden, format!("Keycloak {version}")).await;
    assert_eq!(check(&checks, "version")["found"], shown);
    let clients = realm.get("/clients").await.unwrap().as_array().unwrap().len();
    let roles = realm.get("/roles").await.unwrap().as_array().unwrap().len();
    assert_eq!(check(&checks, "clients")["found"], clients.to_string());
    assert_eq!(check(&checks, "roles")["found"], roles.to_string());
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_admin_who_may_only_look_is_exit_code_4() {
    let realm = realm().await;
    let command = doctor_as(&realm, "views", &["view-clients", "view-users", "view-realm"]).await;
    let (code, checks) = checks(&realm, command).await;
    assert_eq!(code, 4);
    let denied = ["permission manage-clients", "permission manage-users"];
    assert_eq!(in_state(&checks, "failed"), denied);
    let remedy = format!(
        "assign the role `manage-clients` of the client `realm-management` in the realm `{}` to the user `views`",
        realm.name()
    );
    assert_eq!(check(&checks, denied[0])["remedy"], remedy);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn of_two_missing_rights_the_one_that_includes_the_other_is_the_remedy() {
    let realm = realm().await;
    let command = doctor_as(&realm, "nobody", &["view-realm"]).await;
    let (code, checks) = checks(&realm, command).await;
    assert_eq!(code, 4);
    let remedies = |name: &str| check(&checks, name)["remedy"].as_str().map(ToOwned::to_owned);
    for (view, manage) in [
        ("permission view-clients", "permission manage-clients"),
        ("permission view-users", "permission manage-users"),
    ] {
        assert_eq!((check(&checks, view)["state"].as_str(), remedies(view)), (Some("failed"), None));
        assert!(remedies(manage).unwrap().contains("`manage-"));
    }
    assert_eq!(check(&checks, "clients")["found"], "needs: permission view-clients");
    assert_eq!(check(&checks, "roles")["state"], "ok");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_short_token_is_a_warning() {
    let realm = realm().await;
    realm.put("", &json!({"accessTokenLifespan": 20})).await.unwrap();
    let command = doctor_as(&realm, "boss", &["realm-admin"]).await;
    let (code, checks) = checks(&realm, command).await;
    assert_eq!((code, in_state(&checks, "warning")), (0, vec!["token lifetime"]), "{checks:?}");
    let lifetime = check(&checks, "token lifetime");
    let found = lifetime["found"].as_str().unwrap();
    assert!(["20 s: ", "19 s: "].iter().any(|begin| found.starts_with(begin)), "{lifetime}");
    realm.delete().await.unwrap();
}
