//! What is told to who looks for a fault: address, realm, sign-in, version, permissions.

use std::time::{SystemTime, UNIX_EPOCH};

use kxi_auth_core::{
    Access, ClientManager, Error, ExposeSecret as _, Permission, Right, Roles, SecretString,
};
use kxi_auth_tests::keycloak::differences::{ADMINS_VERSION, HIDDEN_VERSION, REALM_OF_QUERIES};
use kxi_auth_tests::keycloak::realm::TestRealm;
use kxi_auth_tests::recordings::recorder::Recorder;
use serde_json::json;

use crate::setup::{connect, expected, lives, manager, realm};

const PASSWORD: &str = "the realm admin's password";

/// An admin of the realm with these roles of `realm-management`.
async fn admin(realm: &TestRealm, name: &str, roles: &[&str]) -> ClientManager {
    realm.add_admin(name, PASSWORD, roles).await.unwrap();
    let builder = connect(realm).admin_realm(realm.name()).username(name);
    builder.password(SecretString::from(PASSWORD)).build().unwrap()
}

/// One letter for each right in the order of the list: granted, denied, unknown.
fn letters(permissions: &[Permission]) -> String {
    let order =
        [Right::ViewClients, Right::ManageClients, Right::ViewRealm, Right::ViewUsers, Right::ManageUsers];
    assert!(permissions.iter().map(|permission| permission.right).eq(order));
    let letter = |permission: &Permission| match permission.access {
        Access::Granted => 'g',
        Access::Denied { .. } => 'd',
        _ => '?',
    };
    permissions.iter().map(letter).collect()
}

/// This machine's clock, in seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the server's clock is compared with it")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[tokio::test]
async fn each_missing_role_is_found_without_a_write() {
    let realm = realm().await;
    let queries = expected(&realm, &REALM_OF_QUERIES, "ddddd", "ddgdd").await;
    let matrix: [(&str, &[&str], &str); 12] = [
        ("least", &["manage-clients", "manage-users", "view-realm"], "ggggg"),
        ("no-manage-clients", &["manage-users", "view-realm"], "ddggg"),
        ("no-manage-users", &["manage-clients", "view-realm"], "gggdd"),
        ("no-view-realm", &["manage-clients", "manage-users"], "ggdgg"),
        ("views", &["view-clients", "view-users", "view-realm"], "gdggd"),
        ("clients-viewed", &["view-clients", "manage-users", "view-realm"], "gdggg"),
        ("users-viewed", &["manage-clients", "view-users", "view-realm"], "ggggd"),
        ("queries", &["query-clients", "query-users", "query-realms"], queries),
        ("manage-realm", &["manage-realm"], "ddgdd"),
        ("create-client", &["create-client"], "ddddd"),
        ("realm-admin", &["realm-admin"], "ggggg"),
        ("nobody", &[], "ddddd"),
    ];
    for (name, roles, given) in matrix {
        let permissions = admin(&realm, name, roles).await.permissions().await.unwrap();
        assert_eq!(letters(&permissions), given, "{name}: {permissions:?}");
        let role = format!("of the client `realm-management` in the realm `{}`", realm.name());
        assert!(permissions.iter().all(|permission| permission.to_string().ends_with(&role)), "{name}");
    }
    realm.delete().await.unwrap();
}

/// Every right that is said to be granted is one that the operation has, and every denied one is not.
#[tokio::test]
async fn what_is_granted_works_and_what_is_denied_does_not() {
    let realm = realm().await;
    let all = manager(&realm);
    for (name, roles) in [
        ("least", ["manage-clients", "manage-users", "view-realm"]),
        ("views", ["view-clients", "view-users", "view-realm"]),
        ("users-only", ["query-clients", "manage-users", "view-realm"]),
        ("clients-only", ["manage-clients", "query-users", "view-realm"]),
    ] {
        let client = all.register_client(format!("svc-{name}")).roles(Roles::None).await.unwrap().client;
        let admin = admin(&realm, name, &roles).await;
        let permissions = admin.permissions().await.unwrap();
        let told =
            |right| permissions.iter().find(|found| found.right == right).unwrap().access == Access::Granted;
        let (view_clients, view_users) = (told(Right::ViewClients), told(Right::ViewUsers));
        assert_eq!(admin.get_client(&client.id).await.is_ok(), view_clients, "{name}");
        assert_eq!(admin.service_account_roles(&client).await.is_ok(), view_clients && view_users, "{name}");
        let assigned = admin.assign_roles(&client, Roles::named(["all"])).await;
        assert_eq!(assigned.is_ok(), view_clients && told(Right::ManageUsers), "{name}");
        let deleted = admin.delete_client_by_uuid(&client.uuid).await;
        assert_eq!(deleted.is_ok(), told(Right::ManageClients), "{name}");
    }
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_admin_of_master_has_its_rights_from_another_client() {
    let realm = realm().await;
    let manager = manager(&realm);
    // Neither a user nor a service account: nothing tells what may be done with one.
    let permissions = manager.permissions().await.unwrap();
    assert_eq!(letters(&permissions), "ggg??", "{permissions:?}");
    // The service account is a user, though none that is listed.
    manager.register_client("svc").roles(Roles::None).await.unwrap();
    let permissions = manager.permissions().await.unwrap();
    assert_eq!(letters(&permissions), "ggggg", "{permissions:?}");
    let role =
        format!("the role `view-clients` of the client `{}-realm` in the realm `master`", realm.name());
    assert_eq!(permissions[0].to_string(), role);

    let master = connect(&realm).realm("master").build().unwrap().permissions().await.unwrap();
    assert_eq!(letters(&master), "ggggg", "{master:?}");
    assert_eq!((master[0].client.as_str(), master[0].realm.as_str()), ("master-realm", "master"));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_client_as_admin_is_told_its_rights() {
    let realm = realm().await;
    let client = manager(&realm).register_client("automation").roles(Roles::None).await.unwrap().client;
    let user = realm.get(&format!("/clients/{}/service-account-user", client.uuid)).await.unwrap();
    let management = realm.get("/clients?clientId=realm-management").await.unwrap()[0]["id"].clone();
    let management = management.as_str().unwrap();
    let secret = client.secret.unwrap();
    let automation = || {
        let builder = ClientManager::builder().host(realm.server().host()).realm(realm.name());
        builder.admin_realm(realm.name()).admin_client("automation", secret.clone()).build().unwrap()
    };
    assert_eq!(letters(&automation().permissions().await.unwrap()), "ddddd");
    // The realm has no user but service accounts.
    for (role, expected) in [
        ("view-realm", "ddgdd"),
        ("manage-clients", "gggdd"),
        ("query-users", "gggdd"),
        ("view-users", "ggggd"),
        ("manage-users", "ggggg"),
    ] {
        let role = realm.get(&format!("/clients/{management}/roles/{role}")).await.unwrap();
        let path = format!("/users/{}/role-mappings/clients/{management}", user["id"].as_str().unwrap());
        realm.post(&path, &json!([role])).await.unwrap();
        let permissions = automation().permissions().await.unwrap();
        assert_eq!(letters(&permissions), expected, "with {}: {permissions:?}", role["name"]);
    }
    let token = automation().sign_in().await.unwrap();
    assert_eq!(token.claims.unwrap().client_id, "automation");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn looking_for_a_fault_writes_nothing_and_asks_little() {
    let realm = realm().await;
    realm.add_admin("views", PASSWORD, &["view-clients", "view-users", "view-realm"]).await.unwrap();
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let through = || connect(&realm).host(format!("http://{}", recorder.address())).admin_realm(realm.name());
    let manager = through().username("views").password(SecretString::from(PASSWORD)).build().unwrap();
    manager.permissions().await.unwrap();
    manager.server_version().await.unwrap();
    let log = recorder.finish().unwrap();
    let asked = log.iter().filter(|raw| raw.request.path.contains("/admin/"));
    let asked: Vec<_> = asked.map(|raw| (&raw.request.method, &raw.request.path)).collect();
    assert!(asked.iter().all(|(method, _)| *method == "GET"), "{asked:?}");
    assert_eq!(asked.len(), 4 + 1, "{asked:?}");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn the_version_is_told_or_said_to_be_hidden() {
    let realm = realm().await;
    let version = realm.server().version().await.unwrap();
    assert_eq!(manager(&realm).server_version().await.unwrap(), Some(version.clone()));
    let boss = admin(&realm, "boss", &["realm-admin"]).await;
    let shown = expected(&realm, &ADMINS_VERSION, Some(version.clone()), None).await;
    assert_eq!(boss.server_version().await.unwrap(), shown);
    let least = admin(&realm, "least", &["manage-clients", "manage-users", "view-realm"]).await;
    let shown = expected(&realm, &HIDDEN_VERSION, None, Some(version)).await;
    assert_eq!(least.server_version().await.unwrap(), shown);
    assert_eq!(admin(&realm, "nobody", &[]).await.server_version().await.unwrap(), None);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn the_base_path_and_the_realm_are_told_without_signing_in() {
    let realm = realm().await;
    let server = realm.server();
    let base = format!("{}{}", server.host(), server.base_path());
    let wrong = || connect(&realm).password(SecretString::from("wrong"));
    let found = wrong().build().unwrap();
    assert_eq!(found.keycloak_base().await.unwrap(), base);
    assert!(found.realm_exists().await.unwrap());
    let missing = wrong().realm("no-such-realm").build().unwrap();
    assert_eq!(missing.keycloak_base().await.unwrap(), base);
    assert!(!missing.realm_exists().await.unwrap());

    // A given path is not tried until the realm is asked for.
    let elsewhere = wrong().base_path("/elsewhere").build().unwrap();
    assert_eq!(elsewhere.keycloak_base().await.unwrap(), format!("{}/elsewhere", server.host()));
    let error = elsewhere.realm_exists().await.unwrap_err();
    assert!(matches!(error, Error::EndpointNotFound { .. }), "{error}");

    realm.put("", &json!({"enabled": false})).await.unwrap();
    assert!(found.realm_exists().await.unwrap(), "a disabled realm exists");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn each_sign_in_is_a_new_one_and_a_refused_one_is_not_repeated() {
    let realm = realm().await;
    realm.put("", &json!({"accessTokenLifespan": 77})).await.unwrap();
    realm.add_admin("viewer", PASSWORD, &["view-realm"]).await.unwrap();
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let through = |password: &str| {
        let builder = connect(&realm).host(format!("http://{}", recorder.address()));
        let builder = builder.admin_realm(realm.name()).username("viewer");
        builder.password(SecretString::from(password)).build().unwrap()
    };
    let manager = through(PASSWORD);
    let before = now();
    let first = manager.sign_in().await.unwrap();
    let second = manager.sign_in().await.unwrap();
    assert_ne!(first.token.expose_secret(), second.token.expose_secret());
    let claims = second.claims.clone().unwrap();
    let issued = u64::try_from(claims.issued_at).unwrap();
    assert!((before..=now()).contains(&issued), "{issued}: the server is on this machine");
    assert!(claims.expires_at - claims.issued_at == 77 && lives(&second, 77), "{second:?}");
    assert!(!format!("{second:?}").contains(second.token.expose_secret()));
    manager.all_roles().await.unwrap();

    let wrong = through("wrong");
    for _ in 0..3 {
        assert!(wrong.sign_in().await.unwrap_err().is_unauthorized());
        assert!(wrong.all_roles().await.unwrap_err().is_unauthorized());
    }
    let log = recorder.finish().unwrap();
    let sign_ins = log.iter().filter(|raw| raw.request.path.ends_with("/protocol/openid-connect/token"));
    let statuses: Vec<u16> = sign_ins.map(|raw| raw.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 2, "the operation used the second");
    assert_eq!(statuses.len(), 3, "{statuses:?}");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_session_has_no_token_to_tell_of() {
    let realm = realm().await;
    let token = manager(&realm).sign_in().await.unwrap().token;
    let mut headers = reqwest::header::HeaderMap::new();
    let mut bearer =
        reqwest::header::HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).unwrap();
    bearer.set_sensitive(true);
    headers.insert("authorization", bearer);
    let session = reqwest::Client::builder().no_proxy().default_headers(headers).build().unwrap();
    let builder = ClientManager::builder().host(realm.server().host()).realm(realm.name());
    let manager = builder.session(session).build().unwrap();
    let error = manager.sign_in().await.unwrap_err();
    assert!(error.is_usage(), "{error}");
    assert!(manager.realm_exists().await.unwrap());
    assert!(manager.server_version().await.unwrap().is_some());
    assert!(manager.permissions().await.unwrap()[0].access == Access::Granted);
    realm.delete().await.unwrap();
}

#[test]
fn the_same_without_async() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let realm = runtime.block_on(realm());
    let manager = connect(&realm).build_blocking().unwrap();
    assert!(manager.keycloak_base().unwrap().starts_with(&realm.server().host()));
    assert!(manager.realm_exists().unwrap());
    assert!(manager.sign_in().unwrap().claims.is_some());
    assert_eq!(manager.server_version().unwrap(), Some(runtime.block_on(realm.server().version()).unwrap()));
    assert_eq!(letters(&manager.permissions().unwrap())[..3], *"ggg");
    runtime.block_on(realm.delete()).unwrap();
}
