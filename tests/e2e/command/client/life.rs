//! A client from its creation to its deletion, through every command in between.

use kxi_auth_tests::programs::command::{bare, run, shown};
use serde_json::{Value, json};

use super::{default, secret, stored};
use crate::command::run::{command, done, error, fails, failure, in_json, names, output, ran};
use crate::setup::{realm, sorted};

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
    assert_eq!((code, proof.get("token")), (0, None));
    // The server counts from the issue of the token.
    assert!([json!(300), json!(299)].contains(&proof["expires_in"]), "{proof}");
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

#[tokio::test]
async fn create_update_get_and_rotate() {
    let realm = realm().await;
    let made = done(&realm, &["client", "create", "svc", "--token-lifespan", "300"]).await;
    assert_eq!((&made["created"], &made["secret"]), (&json!(true), &json!("********")));
    assert_eq!(fails(&realm, &["client", "create", "svc"]).await, failure(6, "conflict"));

    assert_eq!(fails(&realm, &["client", "update", "svc"]).await, failure(2, "usage"));
    let words = ["--description", "feed", "--attribute", "team=feeds", "--set", "standardFlowEnabled=true"];
    done(&realm, &[&["client", "update", "svc"][..], &words].concat()).await;
    let got = done(&realm, &["client", "get", "svc"]).await;
    assert_eq!((&got["description"], &got["token_lifespan"]), (&json!("feed"), &json!(300)));
    assert_eq!(names(&got["roles"]), [format!("default-roles-{}", realm.name())]);
    assert_eq!(got["secret"], json!("********"));
    assert_eq!(fails(&realm, &["client", "get", "nobody"]).await, failure(5, "not_found"));

    // What a registration did to a client that was there.
    let register = ["client", "register", "svc", "--roles", "none", "--token-lifespan", "700"];
    for updated in [true, false] {
        let again = done(&realm, &register).await;
        assert_eq!((&again["created"], &again["updated"]), (&json!(false), &json!(updated)));
    }
    // A public client signs in by no secret, although the server would make one for it.
    realm.post("/clients", &json!({"clientId": "web", "publicClient": true})).await.unwrap();
    for command in ["rotate-secret", "token"] {
        assert_eq!(fails(&realm, &["client", command, "web"]).await, failure(6, "no_secret"));
    }
    // Where Keycloak is said to be and is not, no password was wrong.
    let elsewhere = ["role", "list", "--keycloak-path", "/nope", "--retries", "0"];
    assert_eq!(fails(&realm, &elsewhere).await, failure(7, "keycloak_not_found"));

    let old = done(&realm, &["client", "get", "svc", "--show-secret"]).await["secret"].clone();
    let new = done(&realm, &["client", "rotate-secret", "svc", "--show-secret"]).await["secret"].clone();
    assert_ne!(old, new);
    let folder = tempfile::tempdir().unwrap();
    for (secret, code) in [(old, 3), (new, 0)] {
        let file = folder.path().join("secret");
        std::fs::write(&file, secret.as_str().unwrap()).unwrap();
        let words = ["client", "token", "svc", "--secret-file", file.to_str().unwrap()];
        let signed_in = output(command(&realm, &words)).await;
        assert_eq!(signed_in.status.code(), Some(code), "{}", shown(&signed_in));
    }
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn register_list_token_and_delete() {
    let realm = realm().await;
    let (code, first, _) = in_json(&realm, &["client", "register", "svc"]).await;
    assert_eq!((code, &first["created"], &first["secret"]), (0, &json!(true), &json!("********")));
    let (code, second, _) = in_json(&realm, &["client", "register", "svc"]).await;
    assert_eq!((code, &second["created"], &second["uuid"]), (0, &json!(false), &first["uuid"]));

    let (_, clients, _) = in_json(&realm, &["client", "list"]).await;
    let mine: Vec<&Value> =
        clients.as_array().unwrap().iter().filter(|client| client["id"] == "svc").collect();
    assert_eq!(mine.len(), 1);
    let (_, roles, _) = in_json(&realm, &["role", "list"]).await;
    let names = roles.as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap());
    let (_, token, _) = in_json(&realm, &["client", "token", "svc"]).await;
    let in_token = token["roles"].as_array().unwrap().iter().map(|role| role.as_str().unwrap());
    assert_eq!(sorted(in_token), sorted(names));
    // One second less if the server's clock ticks over in between.
    assert!([json!(300), json!(299)].contains(&token["expires_in"]), "{token}");
    assert_eq!(token.get("token"), None);

    let (code, _, said) = in_json(&realm, &["client", "delete", "svc"]).await;
    assert_eq!(code, 2);
    assert_eq!(error(&said)["message"], json!("deleting a client requires --yes when no prompt is possible"));
    assert_eq!(in_json(&realm, &["client", "delete", "svc", "--yes"]).await.0, 0);
    assert_eq!(in_json(&realm, &["client", "delete", "svc", "--yes"]).await.0, 5);
    realm.delete().await.unwrap();
}
