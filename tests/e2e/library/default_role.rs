//! The role that the realm assigns to everybody, whatever its name is.

use kxi_auth_core::{ClientManager, Error, Roles};
use kxi_auth_tests::keycloak::realm::{Server, TestRealm};
use kxi_auth_tests::recordings::recorder::Recorder;
use serde_json::json;

use crate::setup::{ROLES, connect_as_admin_with, manager, realm, sorted, through};

/// A realm with a default role that does not have the usual name, and the name of that role.
async fn realms() -> Vec<(TestRealm, String)> {
    let mut renamed = realm().await;
    let old = format!("default-roles-{}", renamed.name());
    let name = format!("{}-renamed", renamed.name());
    renamed.rename(name).await.unwrap();
    let settings = json!({"defaultRole": {"name": "everybody"}});
    let imported = TestRealm::import(&Server::from_env().unwrap(), &ROLES, &settings).await.unwrap();
    vec![(renamed, old), (imported, "everybody".to_owned())]
}

async fn role_names(manager: &ClientManager, client: &str) -> Vec<String> {
    let client = manager.get_client(client).await.unwrap();
    sorted(manager.service_account_roles(&client).await.unwrap().into_iter().map(|role| role.name))
}

/// The claims of a token of the client that come from the default role.
async fn defaults_in_token(manager: &ClientManager, client: &str) -> (bool, bool) {
    let client = manager.get_client(client).await.unwrap();
    let token = manager.client_token(&client.id, client.secret.as_ref().unwrap()).await.unwrap();
    let claims = token.claims.unwrap();
    let offline = claims.realm_roles().contains(&"offline_access".to_owned());
    (offline, claims.client_roles().contains_key("account"))
}

#[tokio::test]
async fn exact_roles_keep_the_default_role_of_any_name() {
    for (realm, default) in realms().await {
        let direct = manager(&realm);
        direct.register_client("svc").roles(Roles::named(["all", "none"])).await.unwrap();
        assert_eq!(role_names(&direct, "svc").await, sorted(["all", "none", &default]));
        let before = defaults_in_token(&direct, "svc").await;
        // A role that only looks like it.
        let lookalike = format!("default-roles-{}", realm.name());
        realm.post("/roles", &json!({"name": lookalike})).await.unwrap();
        direct.register_client("svc").roles(Roles::named([&lookalike])).await.unwrap();

        let recorder = Recorder::start(realm.server()).await.unwrap();
        let manager = through(&realm, &recorder);
        let exact = || manager.register_client("svc").roles(Roles::named(["all"])).exact_roles(true);
        let plan = exact().plan().await.unwrap();
        assert_eq!(sorted(plan.roles_revoked.realm), sorted([lookalike.as_str(), "none"]));
        let done = exact().await.unwrap();
        assert_eq!(sorted(done.roles_revoked.realm.clone()), sorted([lookalike.as_str(), "none"]));
        assert_eq!(role_names(&direct, "svc").await, sorted(["all", &default]));
        assert_eq!(defaults_in_token(&direct, "svc").await, before);
        assert_eq!(manager.default_role().await.unwrap().name, default);
        // The plan, the registration and the last question share one read.
        let path = format!("{}/admin/realms/{}", realm.server().base_path(), realm.name());
        let log = recorder.finish().unwrap();
        assert_eq!(log.iter().filter(|raw| raw.request.path == path).count(), 1);
        realm.delete().await.unwrap();
    }
}

/// All roles of the realm contain the default role, which is composite and is not worth a look.
#[tokio::test]
async fn the_default_role_of_any_name_is_not_looked_into() {
    for (realm, _) in realms().await {
        let recorder = Recorder::start(realm.server()).await.unwrap();
        let manager = through(&realm, &recorder);
        let items = ["svc-1", "svc-2"].map(|id| manager.register_client(id));
        for outcome in manager.register_clients(items).await {
            assert!(outcome.unwrap().warnings.is_empty());
        }
        let log = recorder.finish().unwrap();
        let sent = |part: &str| log.iter().filter(|raw| raw.request.path.ends_with(part)).count();
        assert_eq!((sent("/composites"), sent(&format!("/admin/realms/{}", realm.name()))), (0, 1));
        realm.delete().await.unwrap();
    }
}

#[tokio::test]
async fn without_a_look_at_the_realm_no_role_is_revoked() {
    let realm = realm().await;
    manager(&realm).register_client("svc").roles(Roles::named(["all"])).await.unwrap();
    let builder = connect_as_admin_with(&realm, &["manage-clients", "manage-users"]).await;
    let admin = builder.build().unwrap();
    let error = admin.register_client("svc").roles(Roles::None).exact_roles(true).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden { .. }), "{error}");
    assert!(error.to_string().contains("`view-realm`"), "{error}");
    assert!(role_names(&manager(&realm), "svc").await.contains(&"all".to_owned()));
    realm.delete().await.unwrap();
}
