//! What a declaration and the command say of a service account: client roles, groups, and whether it is enabled.

use kxi_auth_tests::keycloak::realm::TestRealm;
use serde_json::{Value, json};

use crate::command::desk::{APPLY, Desk, writes};
use crate::command::run::{done, fails, failure, in_json, names, ran};
use crate::setup::{account_user as user, client_roles, groups, realm, sorted};

/// A client `app` with roles, and the groups `/market data` and `/market data/feeds`, of which the first grants a role.
async fn furnish(realm: &TestRealm) {
    let app = realm.post("/clients", &json!({"clientId": "app"})).await.unwrap();
    for role in ["reader", "writer", "all"] {
        realm.post(&format!("/clients/{app}/roles"), &json!({"name": role})).await.unwrap();
    }
    let parent = realm.post("/groups", &json!({"name": "market data"})).await.unwrap();
    realm.post(&format!("/groups/{parent}/children"), &json!({"name": "feeds"})).await.unwrap();
    let role = realm.get("/roles/insights.query.data").await.unwrap();
    realm.post(&format!("/groups/{parent}/role-mappings/realm"), &json!([role])).await.unwrap();
}

#[tokio::test]
async fn client_roles_by_the_command() {
    let realm = realm().await;
    furnish(&realm).await;
    let register = ["client", "register", "svc", "--roles", "none"];
    let pairs = ["--client-role", "app", "all", "--client-role", "realm-management", "view-clients"];
    let made = done(&realm, &[register.as_slice(), &pairs].concat()).await;
    assert_eq!(made["roles_added"], json!([]));
    assert_eq!(made["client_roles_added"], json!({"app": ["all"], "realm-management": ["view-clients"]}));
    assert_eq!(client_roles(&realm, "svc").await, ["app/all", "realm-management/view-clients"]);

    let assign = ["client", "roles", "assign", "svc", "--role", "a,b", "--client-role", "app", "reader"];
    let added = done(&realm, &assign).await;
    assert_eq!(
        (&added["roles_added"], &added["client_roles_added"]),
        (&json!(["a,b"]), &json!({"app": ["reader"]}))
    );
    let listed = done(&realm, &["client", "roles", "list", "svc"]).await;
    let listed =
        listed.as_array().unwrap().iter().map(|role| {
            format!("{}/{}", role["client"].as_str().unwrap_or("-"), role["name"].as_str().unwrap())
        });
    let own = format!("-/default-roles-{}", realm.name());
    assert_eq!(
        sorted(listed),
        sorted(["-/a,b", &own, "app/all", "app/reader", "realm-management/view-clients"])
    );
    let of_client = done(&realm, &["role", "list", "--client", "app"]).await;
    let of_client = of_client.as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap());
    assert_eq!(sorted(of_client), ["all", "reader", "writer"]);

    let revoke = ["client", "roles", "revoke", "svc", "--client-role", "app", "all"];
    assert_eq!(done(&realm, &revoke).await["client_roles_revoked"], json!({"app": ["all"]}));
    let exact = [register.as_slice(), &["--exact-roles=all", "--client-role", "app", "writer"]].concat();
    let exact = done(&realm, &exact).await;
    assert_eq!(names(&exact["roles_revoked"]), ["a,b"]);
    assert_eq!(
        exact["client_roles_revoked"],
        json!({"app": ["reader"], "realm-management": ["view-clients"]})
    );
    assert_eq!(client_roles(&realm, "svc").await, ["app/writer"]);

    // Both values are literal, also if they look like flags.
    let odd = ["client", "roles", "assign", "svc", "--client-role", "app", "--writer"];
    assert_eq!(fails(&realm, &odd).await, failure(5, "unknown_roles"));
    let (code, _, said) =
        in_json(&realm, &["client", "register", "new", "--client-role", "ap", "reader", "--roles", "none"])
            .await;
    assert!(code == 5 && said.contains("did you mean `app`?"), "{said}");
    assert_eq!(fails(&realm, &["role", "list", "--client", "none"]).await, failure(5, "not_found"));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn groups_and_effective_roles_by_the_command() {
    let realm = realm().await;
    furnish(&realm).await;
    let register = ["client", "register", "svc", "--roles", "none", "--group", "/market data/feeds"];
    assert_eq!(done(&realm, &register).await["groups_joined"], json!(["/market data/feeds"]));
    assert_eq!(groups(&realm, "svc").await, ["/market data/feeds"]);
    let listed = done(&realm, &["client", "groups", "list", "svc"]).await;
    let granted =
        json!([{"path": "/market data/feeds", "roles": ["insights.query.data"], "client_roles": {}}]);
    assert_eq!(listed, granted);
    let shown = done(&realm, &["client", "get", "svc", "--effective"]).await;
    assert_eq!(shown["groups"], json!(["/market data/feeds"]));
    assert!(!names(&shown["roles"]).contains(&"insights.query.data".to_owned()), "{shown}");
    assert!(names(&shown["effective_roles"]).contains(&"insights.query.data".to_owned()), "{shown}");
    assert!(shown["effective_client_roles"]["account"].is_array(), "{shown}");
    let exact = ["client", "register", "svc", "--roles", "none", "--exact-groups"];
    assert_eq!(done(&realm, &exact).await["groups_left"], json!(["/market data/feeds"]));
    assert_eq!(groups(&realm, "svc").await, [""; 0]);
    let unknown = ["client", "register", "svc", "--group", "/none"];
    assert_eq!(fails(&realm, &unknown).await, failure(5, "unknown_groups"));
    assert_eq!(
        fails(&realm, &["client", "register", "svc", "--group", "none"]).await,
        failure(2, "invalid_parameter")
    );
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_client_is_disabled_and_enabled() {
    let realm = realm().await;
    let made =
        ran(&realm, &["client", "register", "svc", "--roles", "all", "--show-secret", "-o", "json"]).await;
    let made: Value = serde_json::from_str(&made.stdout).unwrap();
    let secret = made["secret"].as_str().unwrap();
    assert!(realm.signs_in("svc", secret).await.unwrap());
    let disabled = done(&realm, &["client", "disable", "svc"]).await;
    assert_eq!((&disabled["enabled"], &disabled["updated"]), (&json!(false), &json!(true)));
    assert!(!realm.signs_in("svc", secret).await.unwrap());
    assert_eq!(done(&realm, &["client", "disable", "svc"]).await["updated"], json!(false));
    done(&realm, &["client", "enable", "svc"]).await;
    assert!(realm.signs_in("svc", secret).await.unwrap(), "it kept its secret");
    assert_eq!(fails(&realm, &["client", "disable", "none"]).await, failure(5, "not_found"));
    assert_eq!(fails(&realm, &["client", "disable", "account"]).await, failure(2, "builtin_client"));
    realm.delete().await.unwrap();
}

/// What is declared is applied, planned as unchanged, exported, and applied to an empty realm with the same result.
#[tokio::test]
async fn a_whole_service_account_is_declared_exported_and_made_again() {
    let desk = Desk::new().await;
    furnish(&desk.realm).await;
    let clients = json!([{
        "id": "svc", "roles": ["all"], "client_roles": {"app": ["reader", "all"]}, "exact_roles": "all",
        "groups": ["/market data/feeds"], "exact_groups": true, "enabled": false,
    }]);
    desk.declare("feeds", &clients);
    let plan = desk.run(&["plan", "-f", "clients.yaml"]).await;
    for line in ["+ role all", "+ role app/reader", "+ group /market data/feeds", "enabled: false"] {
        assert!(plan.stdout.contains(line), "{line}: {}", plan.stdout);
    }
    assert_eq!(desk.run(&APPLY).await.code, 0);
    let stored = desk.client("svc").await.unwrap();
    assert_eq!(stored["enabled"], json!(false));
    assert_eq!(client_roles(&desk.realm, "svc").await, ["app/all", "app/reader"]);
    assert_eq!(groups(&desk.realm, "svc").await, ["/market data/feeds"]);
    let (again, log) = desk.recorded(&["plan", "-f", "clients.yaml", "--exit-code"], &[]).await;
    assert_eq!((again.code, writes(&log)), (0, Vec::new()), "{}", again.stdout);

    let (export, log) = desk.recorded(&["export"], &[]).await;
    assert_eq!(writes(&log), Vec::<String>::new());
    assert!(!log.iter().any(|raw| raw.request.path.ends_with("/service-account-user")), "it can write");
    let other = Desk::new().await;
    furnish(&other.realm).await;
    other.write("clients.yaml", &export.stdout);
    let made = other.run(&APPLY).await;
    assert_eq!(made.code, 0, "{}{}", export.stdout, made.stderr);
    assert_eq!(other.client("svc").await.unwrap()["enabled"], json!(false));
    assert_eq!(client_roles(&other.realm, "svc").await, ["app/all", "app/reader"]);
    assert_eq!(groups(&other.realm, "svc").await, ["/market data/feeds"]);
    let effective = async |desk: &Desk| {
        let shown = desk.run(&["client", "get", "svc", "--effective", "-o", "json"]).await.json();
        let own = format!("default-roles-{}", desk.realm.name());
        let mut roles = names(&shown["effective_roles"]);
        roles.retain(|role| *role != own);
        (roles, shown["effective_client_roles"].clone())
    };
    assert_eq!(effective(&desk).await, effective(&other).await);

    // Somebody deletes the user of the service account: it is planned and made again.
    let gone = user(&desk.realm, "svc").await.unwrap();
    desk.realm.remove(&format!("/users/{gone}")).await.unwrap();
    let plan = desk.run(&["plan", "-f", "clients.yaml", "--exit-code"]).await;
    assert!(plan.code == 8 && plan.stdout.contains("+ role app/reader"), "{}", plan.stdout);
    assert_eq!(desk.run(&["client", "get", "svc"]).await.code, 0);
    assert_eq!(desk.run(&["export"]).await.code, 0);
    assert_eq!(user(&desk.realm, "svc").await, None, "what only reads makes it not");
    assert_eq!(desk.run(&APPLY).await.code, 0);
    assert_eq!(client_roles(&desk.realm, "svc").await, ["app/all", "app/reader"]);
    desk.realm.delete().await.unwrap();
    other.realm.delete().await.unwrap();
}

#[tokio::test]
async fn unknown_names_have_their_place_in_the_file() {
    let desk = Desk::new().await;
    furnish(&desk.realm).await;
    let declaration = "\
owner: feeds
clients:
  - id: svc
    roles: [insights.query.dat]
    client_roles:
      app: [reader, wirter]
      ap: [reader]
    groups: [/market data, /none]
";
    desk.write("clients.yaml", declaration);
    let run = desk.run(&["apply", "-f", "clients.yaml"]).await;
    assert_eq!(run.code, 5, "{}", run.stderr);
    for line in [
        "clients.yaml:4:13: this role does not exist in the realm",
        "clients.yaml:6:21: this role does not exist for the client `app`; did you mean `writer`?",
        "clients.yaml:7:7: this client does not exist in the realm",
    ] {
        assert!(run.stderr.contains(line), "{line}: {}", run.stderr);
    }
    assert!(desk.client("svc").await.is_none());
    desk.write("clients.yaml", "owner: feeds\nclients:\n  - id: svc\n    groups: [/market data, /none]\n");
    let run = desk.run(&["plan", "-f", "clients.yaml"]).await;
    assert!(
        run.code == 5 && run.stderr.contains("clients.yaml:4:28: this group does not exist"),
        "{}",
        run.stderr
    );
    desk.realm.delete().await.unwrap();
}
