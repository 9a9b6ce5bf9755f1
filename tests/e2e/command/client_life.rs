//! Each command for clients, their roles and the realm's, on a real Keycloak: what it does to the server,
//! and what it says.

use kxi_auth_tests::keycloak::realm::TestRealm;
use kxi_auth_tests::programs::command::{Ran, bare, run};
use kxi_auth_tests::proxies::tap::Tap;
use serde_json::{Value, json};

use crate::command::{command, run as in_json};
use crate::{realm, sorted};

async fn ran(realm: &TestRealm, words: &[&str]) -> Ran {
    run(command(realm, words), "").await.unwrap()
}

/// The client as the server stores it, if it is there.
async fn stored(realm: &TestRealm, id: &str) -> Option<Value> {
    let found = realm.get(&format!("/clients?clientId={id}")).await.unwrap();
    found.as_array().unwrap().first().cloned()
}

async fn secret(realm: &TestRealm, id: &str) -> String {
    stored(realm, id).await.unwrap()["secret"].as_str().unwrap().to_owned()
}

/// The realm roles of the service account, as the server tells them, sorted.
async fn roles(realm: &TestRealm, id: &str) -> Vec<String> {
    let uuid = stored(realm, id).await.unwrap()["id"].as_str().unwrap().to_owned();
    let user = realm.get(&format!("/clients/{uuid}/service-account-user")).await.unwrap();
    let user = user["id"].as_str().unwrap();
    let mapped = realm.get(&format!("/users/{user}/role-mappings/realm")).await.unwrap();
    sorted(mapped.as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()))
}

fn default(realm: &TestRealm) -> String {
    format!("default-roles-{}", realm.name())
}

fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_clients_life() {
    let realm = realm().await;
    let words = ["client", "create", "svc", "--token-lifespan", "600", "--description", "writes trades"];
    let (code, created, _) = in_json(&realm, &words).await;
    assert_eq!((code, &created["created"], &created["secret"]), (0, &json!(true), &json!("********")));
    let kept = stored(&realm, "svc").await.unwrap();
    assert_eq!((&kept["id"], &kept["description"]), (&created["uuid"], &json!("writes trades")));
    assert_eq!(kept["attributes"]["access.token.lifespan"], "600");
    let (code, _, said) = in_json(&realm, &words).await;
    assert_eq!((code, said.contains(r#""kind":"conflict""#)), (6, true), "{said}");

    let words = [
        "client",
        "update",
        "svc",
        "--token-lifespan",
        "300",
        "--attribute",
        "desk=rates",
        "--set",
        "alwaysDisplayInConsole=true",
    ];
    assert_eq!(in_json(&realm, &words).await.0, 0);
    let kept = stored(&realm, "svc").await.unwrap();
    assert_eq!(
        (&kept["attributes"]["access.token.lifespan"], &kept["attributes"]["desk"]),
        (&json!("300"), &json!("rates"))
    );
    assert_eq!(
        (&kept["alwaysDisplayInConsole"], &kept["description"]),
        (&json!(true), &json!("writes trades"))
    );

    let (code, found, _) = in_json(&realm, &["client", "get", "svc"]).await;
    assert_eq!(
        (code, &found["token_lifespan"], &found["description"]),
        (0, &json!(300), &json!("writes trades"))
    );
    assert_eq!(found["roles"], json!([default(&realm)]));

    let old = secret(&realm, "svc").await;
    let (code, rotated, _) = in_json(&realm, &["client", "rotate-secret", "svc", "--show-secret"]).await;
    let new = secret(&realm, "svc").await;
    assert_eq!((code, rotated["secret"].as_str()), (0, Some(new.as_str())));
    assert_ne!(old, new);
    // The token itself only where it is asked for; the stored secret proves to work.
    let (code, proof, _) = in_json(&realm, &["client", "token", "svc"]).await;
    assert_eq!((code, &proof["expires_in"], proof.get("token")), (0, &json!(300), None));
    assert_eq!(proof["client_id"], "svc");
    for (given, expected) in [(&new, 0), (&old, 3)] {
        let server = realm.server();
        let mut command = bare().unwrap();
        command.args(["--host", &server.host(), "--realm", realm.name(), "-vv"]);
        command.args(["client", "token", "svc", "--secret-file", "-"]);
        let ran = run(command, given).await.unwrap();
        assert_eq!(ran.code, expected, "no admin is needed: {}", ran.stderr);
        assert!(!ran.all().contains(given.as_str()) && !ran.all().contains("eyJ"), "{}", ran.stderr);
    }

    assert_eq!(ran(&realm, &["client", "delete", "svc"]).await.code, 2);
    assert!(stored(&realm, "svc").await.is_some());
    assert_eq!(ran(&realm, &["client", "delete", "svc", "--yes"]).await.code, 0);
    assert!(stored(&realm, "svc").await.is_none());
    realm.delete().await.unwrap();
}

/// The realm has roles called `all`, `none` and `a,b`.
#[tokio::test]
async fn role_words_and_literal_names() {
    let realm = realm().await;
    let own = default(&realm);
    for (words, expected) in [
        (["--roles", "none"].as_slice(), vec![own.as_str()]),
        (&["--role", "none"], vec![&own, "none"]),
        (&["--role", "all"], vec!["all", &own]),
        (&["--role", "a,b"], vec!["a,b", &own]),
        (&["--roles", "none", "--role", "a,b", "--role", "all"], vec!["a,b", "all", &own]),
        (
            &["--roles", "insights.query.data, insights.role.viewer"],
            vec![&own, "insights.query.data", "insights.role.viewer"],
        ),
    ] {
        let result = ran(&realm, &[["client", "register", "svc"].as_slice(), words].concat()).await;
        assert_eq!(result.code, 0, "{result:?}");
        assert_eq!(roles(&realm, "svc").await, sorted(expected), "{words:?}");
        assert_eq!(ran(&realm, &["client", "delete", "svc", "--yes"]).await.code, 0);
    }
    // `a,b` split is two roles that the realm does not have; nothing is made.
    let (code, _, said) = in_json(&realm, &["client", "register", "svc", "--roles", "a,b"]).await;
    assert_eq!((code, said.contains(r#""kind":"unknown_roles""#)), (5, true), "{said}");
    assert!(stored(&realm, "svc").await.is_none());
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn roles_listed_assigned_and_revoked() {
    let realm = realm().await;
    let own = default(&realm);
    assert_eq!(ran(&realm, &["client", "create", "svc"]).await.code, 0);
    let assign = ["client", "roles", "assign", "svc"];
    let (code, added, _) =
        in_json(&realm, &[assign.as_slice(), &["--role", "a,b", "--roles", "all"]].concat()).await;
    assert_eq!((code, added), (2, Value::Null), "all leaves nothing to add");
    let (_, added, _) =
        in_json(&realm, &[assign.as_slice(), &["--role", "a,b", "--role", "all"]].concat()).await;
    assert_eq!(
        sorted(added["roles_added"].as_array().unwrap().iter().map(|r| r.as_str().unwrap())),
        ["a,b", "all"]
    );
    let (_, again, _) = in_json(&realm, &[assign.as_slice(), &["--role", "all"]].concat()).await;
    assert_eq!(again["roles_added"], json!([]));
    assert_eq!(roles(&realm, "svc").await, sorted(["a,b", "all", &own]));
    let (_, listed, _) = in_json(&realm, &["client", "roles", "list", "svc"]).await;
    assert_eq!(
        sorted(listed.as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap())),
        sorted(["a,b", "all", &own])
    );
    let (_, gone, _) =
        in_json(&realm, &["client", "roles", "revoke", "svc", "--role", "a,b", "--role", "none"]).await;
    assert_eq!(gone["roles_revoked"], json!(["a,b"]));
    assert_eq!(roles(&realm, "svc").await, sorted(["all", &own]));
    // From habit, by the name of the service account's user.
    let old =
        ran(&realm, &["user", "assign-roles", "service-account-svc", "--roles", "insights.query.data"]).await;
    assert_eq!(old.code, 0, "{old:?}");
    assert_eq!(roles(&realm, "svc").await, sorted(["all", &own, "insights.query.data"]));
    assert_eq!(in_json(&realm, &["client", "roles", "list", "no-such"]).await.0, 5);
    assert_eq!(in_json(&realm, &["client", "roles", "assign", "svc", "--role", "no-such"]).await.0, 5);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_secret_file_holds_the_stored_secret() {
    let realm = realm().await;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let path = out.to_str().unwrap();
    for (words, holds) in [
        (["client", "register", "svc"].as_slice(), "the new client's"),
        (&["client", "register", "svc"], "the old client's"),
        (&["client", "get", "svc"], "the same"),
        (&["client", "rotate-secret", "svc"], "the new one"),
        (&["client", "create", "svc-2"], "that of another"),
    ] {
        std::fs::write(&out, "old").unwrap();
        let ran = ran(&realm, &[words, &["--secret-out", path, "-vv"]].concat()).await;
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let expected = secret(&realm, words[2]).await;
        assert_eq!(std::fs::read_to_string(&out).unwrap(), expected, "{holds}");
        assert_eq!(mode(&out), 0o600);
        assert!(!ran.all().contains(&expected), "{holds}");
    }
    // What the file holds signs in.
    std::fs::write(&out, secret(&realm, "svc").await + "\n").unwrap();
    assert_eq!(ran(&realm, &["client", "token", "svc", "--secret-file", path]).await.code, 0);
    // A public client has none.
    realm.post("/clients", &json!({"clientId": "web-app", "publicClient": true})).await.unwrap();
    std::fs::write(&out, "old").unwrap();
    let (code, _, said) = in_json(&realm, &["client", "get", "web-app", "--secret-out", path]).await;
    assert_eq!((code, std::fs::read_to_string(&out).unwrap().as_str()), (6, "old"), "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let (code, _, said) = in_json(&realm, &["client", "token", "web-app"]).await;
    assert_eq!((code, said.contains("public")), (6, true), "{said}");
    realm.delete().await.unwrap();
}

/// All secrets and tokens that passed between command and server are looked for in all that it wrote.
#[tokio::test]
async fn nothing_that_passed_is_said() {
    let realm = realm().await;
    let server = realm.server();
    let tap = Tap::start(server).await.unwrap();
    let host = format!("http://{}", tap.address());
    for words in [
        ["client", "register", "svc"].as_slice(),
        &["client", "register", "svc", "--roles", "none", "--exact-roles"],
        &["client", "update", "svc", "--description", "x"],
        &["client", "rotate-secret", "svc"],
        &["client", "get", "svc"],
        &["client", "list"],
        &["client", "token", "svc"],
        &["client", "roles", "list", "svc"],
        &["client", "get", "no-such"],
        &["client", "delete", "svc", "--yes"],
    ] {
        for format in ["table", "jsonl"] {
            let mut command = command(&realm, words);
            command.env("INSIGHTS_URL", &host).args(["-vv", "-o", format]);
            let ran = run(command, "").await.unwrap();
            let all = ran.all();
            assert!(!ran.stderr.is_empty());
            let secrets = tap.secrets();
            assert!(secrets.len() > 1 && secrets.contains(server.password()));
            let told = secrets
                .iter()
                .find(|secret| all.contains(secret.as_str()) && !"client_secret".contains(secret.as_str()));
            assert!(told.is_none(), "{words:?} told a secret or a token");
        }
    }
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn hostile_names_are_escaped_in_each_format() {
    let realm = realm().await;
    let text = "safe\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\u{202e}txt.exe\u{2066}\u{2028}";
    realm
        .post("/clients", &json!({"clientId": "odd", "description": text, "serviceAccountsEnabled": true}))
        .await
        .unwrap();
    realm.post("/roles", &json!({"name": "role-of-odd", "description": text})).await.unwrap();
    for (words, key) in [(["client", "get", "odd"].as_slice(), "/description"), (&["role", "list"], "")] {
        for format in ["table", "json", "yaml", "jsonl"] {
            let ran = ran(&realm, &[words, &["-o", format]].concat()).await;
            assert_eq!(ran.code, 0, "{ran:?}");
            let odd = |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{2066}\u{2028}".contains(c);
            assert!(ran.stdout.contains("safe") && !ran.all().contains(odd), "{format}: {ran:?}");
            if format == "json" && !key.is_empty() {
                assert_eq!(
                    ran.json().unwrap().pointer(key),
                    Some(&json!(text)),
                    "the same text to who parses it"
                );
            }
        }
    }
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn what_could_do_harm_is_refused() {
    let realm = realm().await;
    // Keycloak's own clients.
    for words in [
        ["client", "delete", "account", "--yes"].as_slice(),
        &["client", "rotate-secret", "account"],
        &["client", "update", "account", "--description", "x"],
        &["client", "register", "account"],
    ] {
        let before = stored(&realm, "account").await;
        let (code, _, said) = in_json(&realm, words).await;
        assert_eq!((code, said.contains(r#""kind":"builtin_client""#)), (2, true), "{words:?}: {said}");
        assert!(said.contains("--allow-builtin"), "{said}");
        assert_eq!(stored(&realm, "account").await, before);
    }
    assert_eq!(
        in_json(&realm, &["client", "update", "account", "--description", "x", "--allow-builtin"]).await.0,
        0
    );
    assert_eq!(stored(&realm, "account").await.unwrap()["description"], "x");
    // The server itself has the last word: it keeps this one.
    let (code, _, said) = in_json(&realm, &["client", "delete", "account", "--yes", "--allow-builtin"]).await;
    assert_eq!((code, said.contains(r#""kind":"rejected""#)), (1, true), "{said}");
    // A client of another kind.
    realm.post("/clients", &json!({"clientId": "web-app", "publicClient": true})).await.unwrap();
    let (code, _, said) = in_json(&realm, &["client", "register", "web-app"]).await;
    assert_eq!((code, said.contains("--convert")), (6, true), "{said}");
    assert_eq!(stored(&realm, "web-app").await.unwrap()["publicClient"], true);
    assert_eq!(in_json(&realm, &["client", "register", "web-app", "--convert"]).await.0, 0);
    let kept = stored(&realm, "web-app").await.unwrap();
    assert_eq!((&kept["publicClient"], &kept["serviceAccountsEnabled"]), (&json!(false), &json!(true)));
    // All roles of `master`; nothing is made there.
    let id = format!("{}-svc", realm.name());
    for words in [
        ["client", "register", &id].as_slice(),
        &["client", "register", &id, "--roles", "all"],
        &["client", "roles", "assign", "admin-cli", "--roles", "all", "--allow-builtin"],
    ] {
        let (code, _, said) = in_json(&realm, &[words, &["--realm", "master"]].concat()).await;
        assert_eq!((code, said.contains(r#""kind":"master_roles""#)), (2, true), "{words:?}: {said}");
        assert!(said.contains("--allow-master-roles"), "{said}");
    }
    assert_eq!(in_json(&realm, &["client", "get", &id, "--realm", "master"]).await.0, 5);
    // With consent, for as long as it takes to see.
    let allowed =
        in_json(&realm, &["client", "register", &id, "--realm", "master", "--allow-master-roles"]).await;
    let deleted = in_json(&realm, &["client", "delete", &id, "--realm", "master", "--yes"]).await;
    assert_eq!((allowed.0, deleted.0), (0, 0), "{allowed:?} {deleted:?}");
    assert!(allowed.1["roles_added"].as_array().unwrap().contains(&json!("admin")), "{allowed:?}");
    realm.delete().await.unwrap();
}
