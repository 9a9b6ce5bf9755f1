//! What a test begins with: a realm, and managers of it; and what several of them look at.

use anyhow::Result;
use kxi_auth_core::{AccessToken, ClientManager, ClientManagerBuilder};
use kxi_auth_tests::keycloak::differences::{ADMIN_PERMISSIONS, DPOP_POLICIES, Difference};
use kxi_auth_tests::keycloak::realm::{Server, TestRealm};
use kxi_auth_tests::proxies::faults::FaultProxy;
use kxi_auth_tests::recordings::normalize::Raw;
use kxi_auth_tests::recordings::recorder::Recorder;
use secrecy::SecretString;
use serde_json::{Value, json};

/// Roles as kdb Insights Enterprise names them, and names that could be mistaken for something else.
pub(crate) const ROLES: [&str; 5] = ["insights.query.data", "insights.role.viewer", "all", "none", "a,b"];

/// The executor of client policies that binds tokens to keys.
pub(crate) const DPOP: &str = "dpop-bind-enforcer";

pub(crate) async fn realm() -> TestRealm {
    crate::trace::start();
    TestRealm::create(&Server::from_env().unwrap(), &ROLES).await.unwrap()
}

/// The connection that a user of this realm's host would give.
pub(crate) fn connect(realm: &TestRealm) -> ClientManagerBuilder {
    let server = realm.server();
    ClientManager::builder()
        .host(server.host())
        .username(server.username())
        .password(SecretString::from(server.password()))
        .realm(realm.name())
}

/// The connection of a new administrator of this realm alone, who has these roles of its
/// `realm-management`.
pub(crate) async fn connect_as_admin_with(realm: &TestRealm, roles: &[&str]) -> ClientManagerBuilder {
    let password = "the realm admin's password";
    realm.add_admin("admin", password, roles).await.unwrap();
    connect(realm).admin_realm(realm.name()).username("admin").password(SecretString::from(password))
}

/// A manager whose requests the recorder counts.
pub(crate) fn through(realm: &TestRealm, recorder: &Recorder) -> ClientManager {
    connect(realm).host(format!("http://{}", recorder.address())).build().unwrap()
}

pub(crate) fn sign_ins(log: &[Raw]) -> usize {
    log.iter().filter(|raw| raw.request.path.ends_with("/protocol/openid-connect/token")).count()
}

pub(crate) fn manager(realm: &TestRealm) -> ClientManager {
    connect(realm).build().unwrap()
}

/// Waits until the proxy has had a request, with what an interrupt must not cut in two under way.
pub(crate) async fn met(proxy: &FaultProxy, method: &str, part: &str) {
    tokio::time::timeout(std::time::Duration::from_secs(30), async {
        while proxy.count(method, part) == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    })
    .await
    .unwrap();
}

/// A client as the server stores it.
pub(crate) async fn stored_client(realm: &TestRealm, uuid: &str) -> Value {
    realm.get(&format!("/clients/{uuid}")).await.unwrap()
}

/// The ID of the service account's user, if it is there. Unlike `service-account-user`, this never makes it again.
pub(crate) async fn account_user(realm: &TestRealm, id: &str) -> Option<String> {
    let found = realm.get(&format!("/users?username=service-account-{id}&exact=true")).await.unwrap();
    found[0]["id"].as_str().map(ToOwned::to_owned)
}

/// The client roles of the service account, `client/role`, as the server has them.
pub(crate) async fn client_roles(realm: &TestRealm, id: &str) -> Vec<String> {
    let user = account_user(realm, id).await.unwrap();
    let mappings = realm.get(&format!("/users/{user}/role-mappings")).await.unwrap();
    let of_client = |(client, found): (String, Value)| {
        let roles = found["mappings"].as_array().unwrap().clone();
        roles.into_iter().map(move |role| format!("{client}/{}", role["name"].as_str().unwrap()))
    };
    sorted(
        mappings["clientMappings"].as_object().cloned().unwrap_or_default().into_iter().flat_map(of_client),
    )
}

/// The paths of the groups of the service account, as the server has them.
pub(crate) async fn groups(realm: &TestRealm, id: &str) -> Vec<String> {
    let user = account_user(realm, id).await.unwrap();
    let groups = realm.get(&format!("/users/{user}/groups")).await.unwrap();
    sorted(groups.as_array().unwrap().iter().map(|group| group["path"].as_str().unwrap()))
}

/// What to expect of this server, where newer servers do otherwise than older ones.
pub(crate) async fn expected<T>(realm: &TestRealm, difference: &Difference, newer: T, older: T) -> T {
    if difference.is_in(realm.server()).await.unwrap() { newer } else { older }
}

/// Whether a token was given for so many seconds: the server counts from its issue, so that it is one short
/// when the clock ticks over meanwhile.
pub(crate) fn lives(token: &AccessToken, seconds: u64) -> bool {
    [seconds, seconds - 1].contains(&token.lifetime.as_secs())
}

/// Names sorted, to compare sets.
pub(crate) fn sorted<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Vec<String> {
    let mut names: Vec<String> = names.into_iter().map(Into::into).collect();
    names.sort();
    names
}

/// Makes every write of a client pass this executor of client policies.
pub(crate) async fn enforce(realm: &TestRealm, executor: &str, configuration: Value) -> Result<()> {
    let executors = json!([{"executor": executor, "configuration": configuration}]);
    let profiles = json!({"profiles": [{"name": "profile", "executors": executors}]});
    realm.put("/client-policies/profiles", &profiles).await?;
    let conditions = json!([{"condition": "any-client", "configuration": {}}]);
    let policy =
        json!({"name": "policy", "enabled": true, "conditions": conditions, "profiles": ["profile"]});
    realm.put("/client-policies/policies", &json!({"policies": [policy]})).await
}

/// Whether client policies of this server can bind the tokens of clients to keys. An older server knows no such executor,
/// or knows it and does nothing.
pub(crate) async fn can_enforce_dpop(realm: &TestRealm) -> bool {
    let can = expected(realm, &DPOP_POLICIES, true, false).await;
    match enforce(realm, DPOP, json!({"auto-configure": true})).await {
        Ok(()) => {
            let uuid = realm.post("/clients", &json!({"clientId": "bound?"})).await.unwrap();
            let bound = stored_client(realm, &uuid).await["attributes"]["dpop.bound.access.tokens"] == "true";
            assert_eq!(bound, can);
        }
        Err(error) => {
            let reason = format!("{error:#}");
            assert!(!can && reason.contains("does not have valid provider"), "{reason}");
        }
    }
    can
}

/// Whether the realm has admin permissions for single clients, which are on from then on. A server without them rejects
/// the setting.
pub(crate) async fn admin_permissions(realm: &TestRealm) -> bool {
    let outcome = realm.put("", &json!({"adminPermissionsEnabled": true})).await;
    let has_them = expected(realm, &ADMIN_PERMISSIONS, true, false).await;
    match outcome {
        Ok(()) => assert!(has_them, "an older server accepts the setting"),
        Err(error) => {
            let text = format!("{error:#}");
            assert!(!has_them && text.contains("400") && text.contains("adminPermissionsEnabled"), "{text}");
        }
    }
    has_them
}

/// Makes a user `delegate` who may see and change only these clients, and no client at all if the server has no
/// permissions for single clients: then it returns false.
pub(crate) async fn delegate(realm: &TestRealm, password: &str, clients: &[String]) -> bool {
    realm.add_admin("delegate", password, &["query-clients", "view-realm"]).await.unwrap();
    if !admin_permissions(realm).await {
        return false;
    }
    let user = realm.get("/users?username=delegate&exact=true").await.unwrap()[0]["id"].clone();
    let permissions = realm.get("/clients?clientId=admin-permissions").await.unwrap()[0]["id"].clone();
    let server = format!("/clients/{}/authz/resource-server", permissions.as_str().unwrap());
    let policy = json!({"name": "the delegate", "users": [user]});
    realm.post(&format!("{server}/policy/user"), &policy).await.unwrap();
    let policies = realm.get(&format!("{server}/policy?name=the%20delegate")).await.unwrap();
    let permission = json!({
        "name": "some clients", "resourceType": "Clients", "resources": clients,
        "scopes": ["view", "manage"], "policies": [policies[0]["id"]],
    });
    realm.post(&format!("{server}/permission/scope"), &permission).await.unwrap();
    true
}
