//! Keycloak's own client with the admin permissions of a realm.

use serde_json::{Value, json};

use super::stored;
use crate::command::desk::Desk;

/// The client, after the permissions are enabled. Versions before 26.2 do not have them, and reject the setting.
async fn enabled(desk: &Desk) -> Option<Value> {
    let [major, minor] = crate::setup::version(&desk.realm).await;
    let outcome = desk.realm.put("", &json!({"adminPermissionsEnabled": true})).await;
    assert_eq!(outcome.is_ok(), (major, minor) >= (26, 2), "{outcome:?}");
    outcome.is_ok().then_some(())?;
    let client = desk.realm.get("/clients?clientId=admin-permissions").await.unwrap()[0].clone();
    assert_eq!(client["serviceAccountsEnabled"], json!(true), "{client}");
    Some(client)
}

#[tokio::test]
async fn the_client_with_the_admin_permissions_is_left_alone_under_any_name() {
    let desk = Desk::new().await;
    let Some(mut client) = enabled(&desk).await else { return desk.realm.delete().await.unwrap() };
    let path = format!("/clients/{}", client["id"].as_str().unwrap());
    for id in ["admin-permissions", "renamed"] {
        client["clientId"] = json!(id);
        client["attributes"]["kxi-auth.owner"] = json!("feeds");
        desk.realm.put(&path, &client).await.unwrap();
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
        assert!(
            apply.stderr.contains(&format!("`{id}` is not deleted: it is a built-in client")),
            "{}",
            apply.stderr
        );
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
