//! Keycloak's own client with the admin permissions of a realm.

use kxi_auth_tests::keycloak::differences::RENAMED_PERMISSIONS;
use serde_json::{Value, json};

use super::stored;
use crate::command::desk::Desk;
use crate::setup::{admin_permissions, expected};

/// The client, after the permissions are enabled; a server without them has none.
async fn enabled(desk: &Desk) -> Option<Value> {
    let has_them = admin_permissions(&desk.realm).await;
    let found = desk.realm.get("/clients?clientId=admin-permissions").await.unwrap();
    let client = found.as_array().unwrap().first().cloned();
    assert_eq!(client.is_some(), has_them, "{client:?}");
    assert!(client.iter().all(|client| client["serviceAccountsEnabled"] == true), "{client:?}");
    client
}

/// On a server that has no such client, its name is kept for the day when there is one.
async fn is_reserved(desk: &Desk) {
    let register = ["client", "register", "admin-permissions", "--roles", "none", "-o", "json"];
    let run = desk.run(&register).await;
    assert_eq!((run.code, run.stderr.contains("builtin_client")), (2, true), "{}", run.stderr);
    assert_eq!(stored(&desk.realm, "admin-permissions").await, None);
    let allowed = desk.run(&[&register[..], &["--allow-builtin"]].concat()).await;
    assert_eq!(allowed.code, 0, "{}", allowed.stderr);
}

#[tokio::test]
async fn the_client_with_the_admin_permissions_is_left_alone_under_any_name() {
    let desk = Desk::new().await;
    let Some(mut client) = enabled(&desk).await else {
        is_reserved(&desk).await;
        return desk.realm.delete().await.unwrap();
    };
    let path = format!("/clients/{}", client["id"].as_str().unwrap());
    let may_change = expected(&desk.realm, &RENAMED_PERMISSIONS, true, false).await;
    let ids = if may_change { &["admin-permissions", "renamed"][..] } else { &["admin-permissions"] };
    for id in ids.iter().copied() {
        client["clientId"] = json!(id);
        client["attributes"]["kxi-auth.owner"] = json!("feeds");
        let changed = desk.realm.put(&path, &client).await;
        assert_eq!(changed.is_ok(), may_change, "{changed:?}");
        let rejection = changed.err().map(|error| format!("{error:#}"));
        assert!(rejection.iter().all(|text| text.contains("400")), "{rejection:?}");
        let before = stored(&desk.realm, id).await;
        for words in [
            ["client", "register", id].as_slice(),
            &["client", "update", id, "--description", "x"],
            &["client", "rotate-secret", id],
            &["client", "delete", id, "--yes"],
            &["client", "roles", "assign", id, "--roles", "all"],
            &["client", "roles", "revoke", id, "--roles", "all"],
        ] {
            let run = desk.run(&[words, &["-o", "json"]].concat()).await;
            assert_eq!(
                (run.code, run.stderr.contains("builtin_client")),
                (2, true),
                "{words:?}: {}",
                run.stderr
            );
        }
        let export = desk.run(&["export", "--owner", "feeds", "-o", "json"]).await;
        assert_eq!((export.code, export.stderr.as_str()), (0, ""));
        let exported = export.json()["clients"].as_array().unwrap().clone();
        assert!(exported.iter().all(|client| client["id"] != id), "{exported:?}");
        desk.declare("feeds", &json!([{"id": "svc", "roles": "none"}]));
        let apply = desk.run(&["apply", "-f", "clients.yaml", "--prune", "--yes"]).await;
        assert_eq!(apply.code, 0, "{}", apply.stderr);
        // Without an owner it is no candidate.
        let kept = apply.stderr.contains(&format!("`{id}` is not deleted: it is a built-in client"));
        assert_eq!(kept, may_change, "{}", apply.stderr);
        desk.declare("feeds", &json!([{"id": id, "roles": "none"}]));
        let declared = desk.run(&["plan", "-f", "clients.yaml"]).await;
        assert_eq!(declared.code, 2, "{}", declared.stderr);
        assert_eq!(stored(&desk.realm, id).await, before);
    }
    desk.realm.delete().await.unwrap();
}

/// A client of the user's own may have authorization settings, too.
#[tokio::test]
async fn a_client_with_authorization_settings_is_no_built_in_one() {
    let desk = Desk::new().await;
    enabled(&desk).await;
    let client =
        json!({"clientId": "svc", "serviceAccountsEnabled": true, "authorizationServicesEnabled": true});
    desk.realm.post("/clients", &client).await.unwrap();
    let register =
        desk.run(&["client", "register", "svc", "--roles", "none", "--token-lifespan", "60"]).await;
    assert_eq!(register.code, 0, "{}", register.stderr);
    let stored = stored(&desk.realm, "svc").await.unwrap();
    assert_eq!(stored["authorizationServicesEnabled"], json!(true), "{stored}");
    let export = desk.run(&["export", "--owner", "feeds", "-o", "json"]).await;
    assert_eq!(export.json()["clients"][0]["id"], "svc", "{}", export.stderr);
    desk.realm.delete().await.unwrap();
}
