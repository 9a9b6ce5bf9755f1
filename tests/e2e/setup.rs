//! What a test begins with: a realm, and managers of it; and what several of them look at.

use kxi_auth_core::{AccessToken, ClientManager, ClientManagerBuilder};
pub(crate) use kxi_auth_tests::keycloak::realm::sort_scopes;
use kxi_auth_tests::keycloak::realm::{Server, TestRealm};
use kxi_auth_tests::proxies::faults::FaultProxy;
use kxi_auth_tests::recordings::normalize::Raw;
use kxi_auth_tests::recordings::recorder::Recorder;
use secrecy::SecretString;
use serde_json::{Value, json};

/// Roles as kdb Insights Enterprise names them, and names that could be mistaken for something else.
pub(crate) const ROLES: [&str; 5] = ["insights.query.data", "insights.role.viewer", "all", "none", "a,b"];

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

/// A client as the server stores it, its scopes sorted: the server keeps no order of them.
pub(crate) async fn stored_client(realm: &TestRealm, uuid: &str) -> Value {
    let mut client = realm.get(&format!("/clients/{uuid}")).await.unwrap();
    sort_scopes(&mut client);
    client
}

/// The server's version: major and minor.
pub(crate) async fn version(realm: &TestRealm) -> [u32; 2] {
    let version = realm.server().version().await.unwrap();
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or_default());
    [parts.next().unwrap_or_default(), parts.next().unwrap_or_default()]
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

/// Makes a user `delegate` who may see and change only these clients. False if the server has no fine-grained permissions
/// of this kind, which came with Keycloak 26.2.
pub(crate) async fn delegate(realm: &TestRealm, password: &str, clients: &[String]) -> bool {
    let settings = realm.get("").await.unwrap();
    if settings.get("adminPermissionsEnabled").is_none() {
        return false;
    }
    realm.put("", &json!({"adminPermissionsEnabled": true})).await.unwrap();
    realm.add_admin("delegate", password, &["query-clients", "view-realm"]).await.unwrap();
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
