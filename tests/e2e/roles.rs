//! `assign_roles` and `all_roles` of the Python class, `revoke_roles` and `client_roles`; the races
//! that the server is known for.

use kxi_auth_core::{Error, Roles, SecretString};
use serde_json::json;
use tokio::task::JoinSet;

use crate::{manager, realm, sorted};

#[tokio::test]
async fn assign_roles_adds_and_revoke_roles_takes() {
    let realm = realm().await;
    let manager = manager(&realm);
    let client = manager.register_client("svc").roles(Roles::None).await.unwrap().client;
    let default = format!("default-roles-{}", realm.name());
    let names = async |manager: &kxi_auth_core::ClientManager| {
        sorted(manager.client_roles(&client).await.unwrap().into_iter().map(|role| role.name))
    };
    assert_eq!(names(&manager).await, [default.as_str()]);

    let added = manager.assign_roles(&client, Roles::named(["all", "a,b"])).await.unwrap();
    assert_eq!(added, ["all", "a,b"]);
    assert_eq!(manager.assign_roles(&client, Roles::named(["all"])).await.unwrap(), [""; 0]);
    let revoked = manager.revoke_roles(&client, Roles::named(["all", "none"])).await.unwrap();
    assert_eq!(revoked, ["all"], "it did not have `none`");
    assert_eq!(names(&manager).await, sorted(["a,b", &default]));

    manager.assign_roles(&client, Roles::All).await.unwrap();
    let every = sorted(manager.all_roles().await.unwrap().into_iter().map(|role| role.name));
    assert_eq!(names(&manager).await, every);
    let error = manager.revoke_roles(&client, Roles::named(["al"])).await.unwrap_err();
    assert!(matches!(error, Error::UnknownRoles { .. }), "{error}");
    assert_eq!(manager.revoke_roles(&client, Roles::None).await.unwrap(), [""; 0]);
    assert_eq!(names(&manager).await, every);
    manager.revoke_roles(&client, Roles::All).await.unwrap();
    assert_eq!(names(&manager).await, [""; 0]);
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
    let done = tasks.join_all().await;
    let first = done[0].as_ref().unwrap().uuid.clone();
    let mut created = 0;
    for outcome in &done {
        let registration = outcome.as_ref().unwrap();
        assert_eq!(registration.uuid, first);
        created += usize::from(registration.created);
    }
    assert_eq!(created, 1);
    let client = manager.get_client("svc").await.unwrap();
    let roles = manager.client_roles(&client).await.unwrap().len();
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
    assert_eq!(manager.client_roles(&client).await.unwrap().len(), manager.all_roles().await.unwrap().len());

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
