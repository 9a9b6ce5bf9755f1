//! `client roles list`, `assign` and `revoke`, and the roles of a registration.

use serde_json::{Value, json};

use super::{default, roles, stored};
use crate::command::run::{done, fails, failure, in_json, names, ran};
use crate::setup::{realm, sorted};

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
async fn roles_by_words_and_by_literal_names() {
    let realm = realm().await;
    let added = |value: &Value| names(&value["roles_added"]);
    let none = done(&realm, &["client", "register", "svc", "--roles", "none"]).await;
    assert_eq!(added(&none), Vec::<String>::new());
    let literal = ["client", "roles", "assign", "svc", "--role", "all", "--role", "none", "--role", "a,b"];
    assert_eq!(added(&done(&realm, &literal).await), ["a,b", "all", "none"]);
    let revoke = ["client", "roles", "revoke", "svc", "--role", "a,b", "--role", "insights.query.data"];
    assert_eq!(names(&done(&realm, &revoke).await["roles_revoked"]), ["a,b"]);
    let listed = done(&realm, &["client", "roles", "list", "svc"]).await;
    let listed = sorted(listed.as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()));
    assert_eq!(
        listed,
        sorted(["all".to_owned(), "none".to_owned(), format!("default-roles-{}", realm.name())])
    );
    let unknown = ["client", "roles", "assign", "svc", "--roles", "insights.query.dat"];
    assert_eq!(fails(&realm, &unknown).await, failure(5, "unknown_roles"));
    assert_eq!(fails(&realm, &["client", "roles", "assign", "svc"]).await, failure(2, "usage"));

    let exact = ["client", "register", "svc", "--roles", "insights.role.viewer", "--exact-roles"];
    let exact = done(&realm, &exact).await;
    assert_eq!(
        (added(&exact), names(&exact["roles_revoked"])),
        (vec!["insights.role.viewer".to_owned()], vec!["all".to_owned(), "none".to_owned()])
    );
    realm.delete().await.unwrap();
}
