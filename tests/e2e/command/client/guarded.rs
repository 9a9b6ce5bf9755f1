//! What the commands refuse to change without consent.

use serde_json::json;

use super::stored;
use crate::command::run::{done, fails, failure, in_json};
use crate::setup::realm;

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

#[tokio::test]
async fn what_the_platform_needs_is_guarded() {
    let realm = realm().await;
    assert_eq!(fails(&realm, &["client", "delete", "broker", "--yes"]).await, failure(2, "builtin_client"));
    assert_eq!(fails(&realm, &["client", "register", "account"]).await, failure(2, "builtin_client"));
    let web = json!({"clientId": "web", "publicClient": true});
    realm.post("/clients", &web).await.unwrap();
    assert_eq!(fails(&realm, &["client", "register", "web"]).await, failure(6, "not_a_service_account"));
    assert_eq!(done(&realm, &["client", "register", "web", "--convert"]).await["created"], json!(false));
    let master = ["client", "register", "kxi-test-never-made", "--realm", "master"];
    assert_eq!(fails(&realm, &master).await, failure(2, "master_roles"));
    // The platform's own; Keycloak itself refuses to delete those that it needs.
    realm.post("/clients", &json!({"clientId": "insights-app"})).await.unwrap();
    for change in ["assign", "revoke"] {
        let words = ["client", "roles", change, "insights-app", "--roles", "all"];
        assert_eq!(fails(&realm, &words).await, failure(2, "builtin_client"));
    }
    let delete = ["client", "delete", "insights-app", "--yes"];
    assert_eq!(fails(&realm, &delete).await, failure(2, "builtin_client"));
    done(&realm, &[&delete[..], &["--allow-builtin"]].concat()).await;
    realm.delete().await.unwrap();
}
