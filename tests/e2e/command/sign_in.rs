//! Who signs in, and where the password or secret comes from, on a real Keycloak.

use kxi_auth_tests::keycloak::realm::TestRealm;
use kxi_auth_tests::programs::command::{bare, run, shown};
use serde_json::json;

use crate::command::run::{command, done, output};
use crate::setup::realm;

/// Signs in with words and variables besides host and realm; returns the exit code.
async fn sign_in(realm: &TestRealm, variables: &[(&str, &str)], words: &[&str], stdin: &str) -> i32 {
    let mut command = bare().unwrap();
    command.args(["--host", &realm.server().host(), "--realm", realm.name(), "role", "list"]).args(words);
    command.envs(variables.iter().copied());
    let ran = run(command, stdin).await.unwrap();
    let real = realm.server().password();
    assert!(!ran.all().contains(real), "the password was said");
    ran.code
}

#[tokio::test]
async fn the_password_of_a_flag_before_a_variable_before_a_variables_file() {
    let realm = realm().await;
    let server = realm.server();
    let folder = tempfile::tempdir().unwrap();
    let (right, wrong) = (folder.path().join("right"), folder.path().join("wrong"));
    std::fs::write(&right, format!("{}\n", server.password())).unwrap();
    std::fs::write(&wrong, "wrong").unwrap();
    let (right, wrong) = (right.to_str().unwrap(), wrong.to_str().unwrap());
    let user = ("INSIGHTS_ADMIN_USERNAME", server.username());
    let (good, bad) = (("INSIGHTS_ADMIN_PASSWORD", server.password()), ("INSIGHTS_ADMIN_PASSWORD", "wrong"));
    let (good_file, bad_file) =
        (("INSIGHTS_ADMIN_PASSWORD_FILE", right), ("INSIGHTS_ADMIN_PASSWORD_FILE", wrong));
    assert_eq!(sign_in(&realm, &[user, good], &[], "").await, 0);
    assert_eq!(sign_in(&realm, &[user, good, bad_file], &[], "").await, 0);
    assert_eq!(sign_in(&realm, &[user, good_file], &[], "").await, 0);
    assert_eq!(sign_in(&realm, &[user, bad, bad_file], &["--admin-password-file", right], "").await, 0);
    assert_eq!(
        sign_in(&realm, &[user, bad, bad_file], &["--admin-password-stdin"], server.password()).await,
        0
    );
    assert_eq!(sign_in(&realm, &[user, good], &["--admin-password-file", wrong], "").await, 3);
    assert_eq!(
        sign_in(&realm, &[], &["--admin-username", "nobody", "--admin-password-file", right], "").await,
        3
    );
    assert_eq!(
        sign_in(&realm, &[user], &[], server.password()).await,
        2,
        "standard input is read only if asked"
    );
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_client_signs_in_without_a_person() {
    let realm = realm().await;
    let words = ["client", "register", "automation", "--roles", "none", "--secret-file", "-"];
    assert_eq!(run(command(&realm, &words), "the secret of automation\n").await.unwrap().code, 0);
    let found = realm.get("/clients?clientId=automation").await.unwrap();
    let uuid = found[0]["id"].as_str().unwrap();
    let user = realm.get(&format!("/clients/{uuid}/service-account-user")).await.unwrap();
    let owner = realm.get("/clients?clientId=realm-management").await.unwrap();
    let owner = owner[0]["id"].as_str().unwrap();
    let role = realm.get(&format!("/clients/{owner}/roles/view-realm")).await.unwrap();
    let path = format!("/users/{}/role-mappings/clients/{owner}", user["id"].as_str().unwrap());
    realm.post(&path, &json!([role])).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "the secret of automation").unwrap();
    let file = file.to_str().unwrap();
    let (name, own) = (("INSIGHTS_ADMIN_CLIENT_ID", "automation"), ("INSIGHTS_ADMIN_REALM", realm.name()));
    let secret = ("INSIGHTS_ADMIN_CLIENT_SECRET", "the secret of automation");
    let wrong = ("INSIGHTS_ADMIN_CLIENT_SECRET", "wrong");
    assert_eq!(sign_in(&realm, &[name, own, secret], &[], "").await, 0);
    assert_eq!(sign_in(&realm, &[name, own, wrong], &[], "").await, 3);
    assert_eq!(sign_in(&realm, &[name, own, ("INSIGHTS_ADMIN_CLIENT_SECRET_FILE", file)], &[], "").await, 0);
    assert_eq!(sign_in(&realm, &[name, own, wrong], &["--admin-client-secret-file", file], "").await, 0);
    let stdin = ["--admin-client-secret-stdin", "--admin-client-id", "automation"];
    assert_eq!(sign_in(&realm, &[own, wrong], &stdin, "the secret of automation\n").await, 0);
    // A flag's user before the environment's client, and the one whose password a flag names.
    let server = realm.server();
    let by_name =
        ["--admin-username", server.username(), "--admin-password-stdin", "--admin-realm", "master"];
    assert_eq!(sign_in(&realm, &[name, own, wrong], &by_name, server.password()).await, 0);
    let variables = [name, wrong, ("INSIGHTS_ADMIN_USERNAME", server.username())];
    assert_eq!(sign_in(&realm, &variables, &["--admin-password-stdin"], server.password()).await, 0);
    // It may look and not write.
    let mut command = bare().unwrap();
    command.args([
        "--host",
        &server.host(),
        "--realm",
        realm.name(),
        "client",
        "create",
        "svc",
        "-o",
        "json",
    ]);
    command.envs([name, own, secret]);
    let ran = run(command, "").await.unwrap();
    assert_eq!((ran.code, &ran.error().unwrap()["kind"]), (4, &json!("forbidden")), "{ran:?}");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_unknown_realm_or_admin_is_told_as_such() {
    let realm = realm().await;
    for (words, code, kind) in [
        (["role", "list", "--realm", "no-such-realm"].as_slice(), 5, "realm_not_found"),
        (&["role", "list", "--admin-realm", "no-such-realm"], 5, "realm_not_found"),
        (&["role", "list", "--admin-username", "nobody"], 3, "sign_in_refused"),
    ] {
        let ran = run(command(&realm, &[words, &["-o", "json"]].concat()), "").await.unwrap();
        assert_eq!((ran.code, &ran.error().unwrap()["kind"]), (code, &json!(kind)), "{words:?}: {ran:?}");
    }
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_admin_client_signs_in_without_a_person() {
    let realm = realm().await;
    let made = done(&realm, &["client", "register", "deployer", "--roles", "none", "--show-secret"]).await;
    let user = realm
        .get(&format!("/clients/{}/service-account-user", made["uuid"].as_str().unwrap()))
        .await
        .unwrap();
    let owner = realm.get("/clients?clientId=realm-management").await.unwrap()[0]["id"].clone();
    let mut roles = Vec::new();
    for role in ["manage-clients", "manage-users", "view-realm"] {
        roles.push(realm.get(&format!("/clients/{}/roles/{role}", owner.as_str().unwrap())).await.unwrap());
    }
    let path =
        format!("/users/{}/role-mappings/clients/{}", user["id"].as_str().unwrap(), owner.as_str().unwrap());
    realm.post(&path, &json!(roles)).await.unwrap();
    let words = ["client", "register", "svc", "--admin-client-id", "deployer", "--admin-realm", realm.name()];
    let mut command = command(&realm, &words);
    command.env("INSIGHTS_ADMIN_CLIENT_SECRET", made["secret"].as_str().unwrap());
    let registered = output(command).await;
    assert_eq!(registered.status.code(), Some(0), "{}", shown(&registered));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_missing_one_time_password_is_among_the_causes() {
    let realm = realm().await;
    let otp = json!({
        "type": "otp",
        "secretData": json!({"value": "abcdefghij"}).to_string(),
        "credentialData":
            json!({"subType": "totp", "digits": 6, "period": 30, "algorithm": "HmacSHA1"}).to_string(),
    });
    let user = json!({
        "username": "careful", "enabled": true, "email": "careful@example.com", "firstName": "A",
        "lastName": "B", "credentials": [{"type": "password", "value": "the password"}, otp],
    });
    realm.post("/users", &user).await.unwrap();
    let words = ["role", "list", "--admin-username", "careful", "--admin-realm", realm.name(), "-o", "json"];
    let mut command = command(&realm, &words);
    command.env("INSIGHTS_ADMIN_PASSWORD", "the password");
    let ran = run(command, "").await.unwrap();
    assert_eq!(ran.code, 3, "{ran:?}");
    let error = ran.error().unwrap();
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("one-time password (OTP)") && message.contains("locked"), "{message}");
    realm.delete().await.unwrap();
}

/// The roles are there, but not in the token.
#[tokio::test]
async fn an_admin_client_with_roles_that_its_token_does_not_carry_is_not_sent_for_them() {
    let realm = realm().await;
    let client = json!({
        "clientId": "deployer", "secret": "the secret", "serviceAccountsEnabled": true, "fullScopeAllowed": false,
    });
    let uuid = realm.post("/clients", &client).await.unwrap();
    let user = realm.get(&format!("/clients/{uuid}/service-account-user")).await.unwrap();
    let owner = realm.get("/clients?clientId=realm-management").await.unwrap()[0]["id"].clone();
    let owner = owner.as_str().unwrap();
    let role = realm.get(&format!("/clients/{owner}/roles/realm-admin")).await.unwrap();
    let path = format!("/users/{}/role-mappings/clients/{owner}", user["id"].as_str().unwrap());
    realm.post(&path, &json!([role])).await.unwrap();

    let admin = ["--admin-client-id", "deployer", "--admin-realm", realm.name(), "-o", "json"];
    let by_client = |words: &[&str]| {
        let mut command = command(&realm, &[words, &admin].concat());
        command.env("INSIGHTS_ADMIN_CLIENT_SECRET", "the secret");
        run(command, "")
    };
    let ran = by_client(&["client", "create", "svc"]).await.unwrap();
    let error = ran.error().unwrap();
    assert_eq!((ran.code, &error["kind"]), (4, &json!("forbidden")), "{ran:?}");
    assert!(error["hint"].as_str().unwrap().contains("`fullScopeAllowed`"), "{error}");
    let ran = by_client(&["doctor"]).await.unwrap();
    assert!(ran.code == 4 && ran.stdout.contains("`fullScopeAllowed`"), "{ran:?}");

    // With the full scope the same roles are enough.
    realm
        .put(&format!("/clients/{uuid}"), &json!({"serviceAccountsEnabled": true, "fullScopeAllowed": true}))
        .await
        .unwrap();
    let ran = by_client(&["client", "create", "svc"]).await.unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    realm.delete().await.unwrap();
}
