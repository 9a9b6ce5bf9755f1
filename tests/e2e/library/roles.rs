//! `assign_roles` and `all_roles` of the Python class, `revoke_roles` and `client_roles`, registrations
//! with exact roles; the races that the server is known for.

use kxi_auth_core::{ClientManager, Error, Roles, SecretString};
use kxi_auth_tests::recordings::recorder::Recorder;
use serde_json::json;
use tokio::task::JoinSet;

use crate::library::bulk::counts;
use crate::setup::{manager, realm, sorted, through};

async fn role_names(manager: &ClientManager, client: &str) -> Vec<String> {
    let client = manager.get_client(client).await.unwrap();
    sorted(manager.service_account_roles(&client).await.unwrap().into_iter().map(|role| role.name))
}

#[tokio::test]
async fn assign_roles_adds_and_revoke_roles_takes() {
    let realm = realm().await;
    let manager = manager(&realm);
    let client = manager.register_client("svc").roles(Roles::None).await.unwrap().client;
    let default = format!("default-roles-{}", realm.name());
    assert_eq!(role_names(&manager, "svc").await, [default.as_str()]);

    let added = manager.assign_roles(&client, Roles::named(["all", "a,b"])).await.unwrap();
    assert_eq!(added.realm, ["all", "a,b"]);
    assert_eq!(manager.assign_roles(&client, Roles::named(["all"])).await.unwrap().realm, [""; 0]);
    let revoked = manager.revoke_roles(&client, Roles::named(["all", "none"])).await.unwrap();
    assert_eq!(revoked.realm, ["all"], "it did not have `none`");
    assert_eq!(role_names(&manager, "svc").await, sorted(["a,b", &default]));

    manager.assign_roles(&client, Roles::All).await.unwrap();
    let every = sorted(manager.all_roles().await.unwrap().into_iter().map(|role| role.name));
    assert_eq!(role_names(&manager, "svc").await, every);
    let error = manager.revoke_roles(&client, Roles::named(["al"])).await.unwrap_err();
    assert!(matches!(error, Error::UnknownRoles { .. }), "{error}");
    assert_eq!(manager.revoke_roles(&client, Roles::None).await.unwrap().realm, [""; 0]);
    assert_eq!(role_names(&manager, "svc").await, every);
    manager.revoke_roles(&client, Roles::All).await.unwrap();
    assert_eq!(role_names(&manager, "svc").await, [""; 0]);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn exact_roles_revokes_what_was_not_asked_for_but_the_default() {
    let realm = realm().await;
    let manager = manager(&realm);
    let default = format!("default-roles-{}", realm.name());
    let exact = |roles: Roles| manager.register_client("svc").roles(roles).exact_roles(true);

    let new = exact(Roles::named(["all", "a,b"])).await.unwrap();
    assert!(new.created && new.roles_revoked.is_empty(), "{:?}", new.roles_revoked.realm);
    let other = exact(Roles::named(["a,b", "none"])).await.unwrap();
    assert_eq!(
        (&other.roles_added.realm[..], &other.roles_revoked.realm[..]),
        (&["none".to_owned()][..], &["all".to_owned()][..])
    );
    assert_eq!(role_names(&manager, "svc").await, sorted(["a,b", "none", &default]));
    let again = exact(Roles::named(["a,b", "none"])).await.unwrap();
    assert!(again.roles_added.is_empty() && again.roles_revoked.is_empty());
    let adding = manager.register_client("svc").roles(Roles::named(["all"])).await.unwrap();
    assert!(adding.roles_revoked.is_empty(), "only if it is asked for");

    let none = exact(Roles::None).await.unwrap();
    assert_eq!(sorted(none.roles_revoked.realm.clone()), ["a,b", "all", "none"]);
    assert_eq!(role_names(&manager, "svc").await, [default.as_str()]);
    let all = exact(Roles::All).await.unwrap();
    assert!(!all.roles_added.is_empty() && all.roles_revoked.is_empty());
    // The default role can be named as any other.
    let named = exact(Roles::named([&default])).await.unwrap();
    assert!(named.roles_added.is_empty() && !named.roles_revoked.realm.contains(&default));
    assert_eq!(role_names(&manager, "svc").await, [default.as_str()]);

    let unknown = exact(Roles::named(["al"])).await.unwrap_err();
    assert!(matches!(unknown, Error::UnknownRoles { .. }), "{unknown}");
    let builtin =
        manager.register_client("admin-cli").roles(Roles::None).exact_roles(true).await.unwrap_err();
    assert!(matches!(builtin, Error::Builtin { .. }), "{builtin}");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn exact_roles_cost_one_request_where_there_is_something_to_revoke() {
    let realm = realm().await;
    let direct = manager(&realm);
    for id in ["svc-more", "svc-same"] {
        let roles = if id == "svc-more" { ["all", "a,b"].as_slice() } else { &["all"] };
        direct.register_client(id).roles(Roles::named(roles.iter().copied())).await.unwrap();
    }
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let manager = through(&realm, &recorder);
    let item = |id: &str, roles: Roles| manager.register_client(id).roles(roles).exact_roles(true);
    let items = [
        item("svc-more", Roles::named(["all"])),
        item("svc-same", Roles::named(["all"])),
        item("svc-new", Roles::named(["all"])),
        item("svc-bare", Roles::None),
    ];
    let outcomes = manager.register_clients(items).await;
    let revoked: Vec<Vec<String>> =
        outcomes.into_iter().map(|outcome| outcome.unwrap().roles_revoked.realm).collect();
    assert_eq!(revoked, [vec!["a,b".to_owned()], vec![], vec![], vec![]]);
    let counts = counts(&recorder.finish().unwrap());
    let expected = [
        ("DELETE users/*/role-mappings/realm", 1),
        // The realm itself, for its default role.
        ("GET ", 1),
        ("GET clients", 1),
        // The new clients are read back.
        ("GET clients/*", 2),
        ("GET clients/*/service-account-user", 3),
        ("GET roles", 1),
        ("GET users/*/role-mappings/realm", 2),
        ("POST clients", 2),
        ("POST users/*/role-mappings/realm", 1),
    ];
    assert_eq!(
        counts.into_iter().collect::<Vec<_>>(),
        expected.map(|(line, count)| (line.to_owned(), count))
    );
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_client_without_a_service_account_is_told() {
    let realm = realm().await;
    let manager = manager(&realm);
    realm.post("/clients", &json!({"clientId": "app", "serviceAccountsEnabled": false})).await.unwrap();
    let client = manager.get_client("app").await.unwrap();
    let error = manager.assign_roles(&client, Roles::All).await.unwrap_err();
    assert!(matches!(error, Error::NotAServiceAccount { .. }), "{error}");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn twenty_registrations_of_one_client_at_once_agree() {
    let realm = realm().await;
    let manager = manager(&realm);
    let mut tasks = JoinSet::new();
    for number in 0..20 {
        let manager = manager.clone();
        tasks.spawn(async move {
            let secret = SecretString::from(format!("secret {number}"));
            manager.register_client("svc").secret(secret).token_lifespan(60 + number).await
        });
    }
    // The secret of one of them is stored in the end. Those who find that theirs was replaced get a conflict.
    let (done, failed): (Vec<_>, Vec<_>) = tasks.join_all().await.into_iter().partition(Result::is_ok);
    for outcome in failed {
        let error = outcome.unwrap_err();
        assert!(error.is_conflict() && error.to_string().contains("stores another secret"), "{error}");
    }
    let client = manager.get_client("svc").await.unwrap();
    let done: Vec<_> = done.into_iter().flatten().collect();
    assert!(!done.is_empty());
    assert!(done.iter().all(|registration| registration.uuid == client.uuid));
    assert!(done.iter().filter(|registration| registration.created).count() <= 1);
    let roles = manager.service_account_roles(&client).await.unwrap().len();
    assert_eq!(roles, manager.all_roles().await.unwrap().len());
    assert!(manager.client_token("svc", client.secret.as_ref().unwrap()).await.is_ok());
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn twenty_assignments_and_twenty_deletions_at_once_succeed() {
    let realm = realm().await;
    let manager = manager(&realm);
    let client = manager.register_client("svc").roles(Roles::None).await.unwrap().client;
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let (manager, client) = (manager.clone(), client.clone());
        tasks.spawn(async move { manager.assign_roles(&client, Roles::All).await });
    }
    for outcome in tasks.join_all().await {
        outcome.unwrap();
    }
    assert_eq!(
        manager.service_account_roles(&client).await.unwrap().len(),
        manager.all_roles().await.unwrap().len()
    );

    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let (manager, uuid) = (manager.clone(), client.uuid.clone());
        tasks.spawn(async move { manager.delete_client_by_uuid(&uuid).allow_builtin(true).await });
    }
    for outcome in tasks.join_all().await {
        assert!(outcome.is_ok() || outcome.unwrap_err().is_not_found());
    }
    assert!(manager.get_client("svc").await.unwrap_err().is_not_found());
    realm.delete().await.unwrap();
}
