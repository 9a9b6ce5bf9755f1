//! Roles of clients: assigned, revoked and listed beside the realm roles, exactly those that are named.

use std::collections::BTreeMap;

use kxi_auth_core::{
    AuthClient, ClientConfig, ClientManager, Error, ExactRoles, Role, RoleNames, Roles, Step,
};
use kxi_auth_tests::keycloak::realm::TestRealm;
use kxi_auth_tests::recordings::recorder::Recorder;
use serde_json::{Value, json};

use crate::library::bulk::counts;
use crate::setup::{
    account_user, client_roles as stored, connect_as_admin_with, manager, realm, sorted, through,
};

const MANAGEMENT: &str = "realm-management";

/// A client with these roles.
async fn add_client(realm: &TestRealm, id: &str, roles: &[&str]) -> String {
    let uuid = realm.post("/clients", &json!({"clientId": id})).await.unwrap();
    for role in roles {
        realm.post(&format!("/clients/{uuid}/roles"), &json!({"name": role})).await.unwrap();
    }
    uuid
}

fn clients(names: &RoleNames) -> BTreeMap<&str, Vec<&str>> {
    let text = |(client, names)| {
        let names: &Vec<String> = names;
        let client: &String = client;
        (client.as_str(), names.iter().map(String::as_str).collect())
    };
    names.clients.iter().map(text).collect()
}

async fn bare(manager: &ClientManager) -> AuthClient {
    manager.register_client("svc").roles(Roles::None).await.unwrap().client
}

#[tokio::test]
async fn client_roles_are_assigned_listed_and_revoked() {
    let realm = realm().await;
    add_client(&realm, "app", &["all", "a,b", "reader"]).await;
    let direct = manager(&realm);
    let client = bare(&direct).await;

    let recorder = Recorder::start(realm.server()).await.unwrap();
    let manager = through(&realm, &recorder);
    let roles =
        Roles::named(["all"]).and_client("app", ["all", "a,b"]).and_client(MANAGEMENT, ["view-clients"]);
    let added = manager.assign_roles(&client, roles.clone()).await.unwrap();
    assert_eq!(added.realm, ["all"]);
    assert_eq!(
        clients(&added),
        BTreeMap::from([("app", vec!["a,b", "all"]), (MANAGEMENT, vec!["view-clients"])])
    );
    assert!(manager.assign_roles(&client, roles).await.unwrap().is_empty(), "it has them already");
    let counts = counts(&recorder.finish().unwrap());
    // One request for each client that has something to add, and one read of all mappings.
    assert_eq!(counts["POST users/*/role-mappings/realm"], 1);
    assert_eq!(counts["POST users/*/role-mappings/clients/*"], 2);
    assert_eq!(counts["GET users/*/role-mappings"], 2);

    let listed = direct.service_account_roles(&client).await.unwrap();
    let name = |role: &Role| match &role.client {
        Some(client) => format!("{client}/{}", role.name),
        None => role.name.clone(),
    };
    let default = format!("default-roles-{}", realm.name());
    let all = ["all", &default, "app/a,b", "app/all", "realm-management/view-clients"];
    assert_eq!(listed.iter().map(name).collect::<Vec<_>>(), all);
    assert_eq!(stored(&realm, "svc").await, all[2..]);

    let roles = Roles::None.and_client("app", ["a,b", "reader"]);
    let revoked = direct.revoke_roles(&client, roles).await.unwrap();
    assert_eq!(clients(&revoked), BTreeMap::from([("app", vec!["a,b"])]), "it did not have `reader`");
    assert!(revoked.realm.is_empty());
    assert_eq!(stored(&realm, "svc").await, ["app/all", "realm-management/view-clients"]);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn exact_roles_cover_the_named_clients_or_all() {
    let realm = realm().await;
    add_client(&realm, "app", &["reader", "writer"]).await;
    add_client(&realm, "other", &["reader"]).await;
    let manager = manager(&realm);
    let register = || manager.register_client("svc");
    let both = Roles::named(["all"]).and_client("app", ["reader", "writer"]).and_client("other", ["reader"]);
    let new = register().roles(both).exact_roles(ExactRoles::All).await.unwrap();
    assert_eq!((new.roles_added.len(), new.roles_revoked.len()), (4, 0));

    // Without `exact_roles` nothing is revoked.
    let fewer = || Roles::None.and_client("app", ["reader"]);
    let plain = register().roles(fewer()).await.unwrap();
    assert!(plain.is_unchanged(), "{plain:?}");

    let planned = register().roles(fewer()).exact_roles(true).plan().await.unwrap();
    assert_eq!(clients(&planned.roles_revoked), BTreeMap::from([("app", vec!["writer"])]));
    let named = register().roles(fewer()).exact_roles(true).await.unwrap();
    assert_eq!(named.roles_revoked, planned.roles_revoked);
    assert_eq!(named.roles_revoked.realm, ["all"]);
    assert_eq!(stored(&realm, "svc").await, ["app/reader", "other/reader"], "`other` was not named");

    let planned = register().roles(fewer()).exact_roles(ExactRoles::All).plan().await.unwrap();
    assert_eq!(clients(&planned.roles_revoked), BTreeMap::from([("other", vec!["reader"])]));
    register().roles(fewer()).exact_roles(ExactRoles::All).await.unwrap();
    assert_eq!(stored(&realm, "svc").await, ["app/reader"]);

    // An empty list names the client.
    let none = Roles::None.and_client("app", [""; 0]);
    register().roles(none).exact_roles(true).await.unwrap();
    assert_eq!(stored(&realm, "svc").await, [""; 0]);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn unknown_names_are_all_named_before_anything_is_written() {
    let realm = realm().await;
    let manager = manager(&realm);
    let roles = Roles::named(["insights.query.dat"])
        .and_client("realm-managment", ["view-clients"])
        .and_client(MANAGEMENT, ["veiw-clients", "view-users"]);
    let error = manager.register_client("svc").roles(roles).await.unwrap_err();
    assert!(error.is_not_found() && matches!(error, Error::UnknownRoles { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        format!(
            "unknown roles in the realm `{0}`: `insights.query.dat` (did you mean `insights.query.data`?), \
             `veiw-clients` of the client `realm-management` (did you mean `view-clients`?); unknown client in the \
             realm `{0}`: `realm-managment` (did you mean `realm-management`?)",
            realm.name()
        )
    );
    assert!(manager.get_client("svc").await.unwrap_err().is_not_found());
    realm.delete().await.unwrap();
}

/// An admin can map only those roles of `realm-management` that it has itself.
#[tokio::test]
async fn roles_that_the_admin_does_not_have_are_a_permission_error() {
    let realm = realm().await;
    let client = bare(&manager(&realm)).await;
    let admin = connect_as_admin_with(&realm, &["manage-clients", "manage-users", "view-realm"]).await;
    let admin = admin.build().unwrap();
    let roles = |names: &[&str]| Roles::None.and_client(MANAGEMENT, names.iter().copied());
    admin.assign_roles(&client, roles(&["view-clients", "view-users"])).await.unwrap();
    let error = admin.assign_roles(&client, roles(&["impersonation"])).await.unwrap_err();
    assert!(error.is_forbidden(), "{error}");
    assert!(
        error.to_string().ends_with("and each role of this client that it is to assign or revoke"),
        "{error}"
    );
    // The realm roles are assigned before: the error says that a part is done.
    let both = Roles::named(["all"]).and_client(MANAGEMENT, ["impersonation"]);
    let error = admin.assign_roles(&client, both).await.unwrap_err();
    let Error::Incomplete(incomplete) = &error else { panic!("{error:?}") };
    assert_eq!((incomplete.failed, incomplete.in_doubt), (Step::AssignRoles, false), "{error}");
    assert!(
        error.is_forbidden() && error.to_string().contains("may not have all of the roles yet"),
        "{error}"
    );
    assert_eq!(stored(&realm, "svc").await, ["realm-management/view-clients", "realm-management/view-users"]);
    realm.delete().await.unwrap();
}

/// What only reads must not make the user of a service account again, as `GET service-account-user` does.
#[tokio::test]
async fn a_deleted_account_is_made_again_only_by_what_writes() {
    let realm = realm().await;
    let manager = manager(&realm);
    let roles = || Roles::named(["all"]).and_client(MANAGEMENT, ["view-clients"]);
    let client = manager.register_client("svc").roles(roles()).await.unwrap().client;
    let users = "/users?username=service-account-svc&exact=true";
    let user = realm.get(users).await.unwrap()[0]["id"].as_str().unwrap().to_owned();
    realm.remove(&format!("/users/{user}")).await.unwrap();

    let plan = manager.register_client("svc").roles(roles()).plan().await.unwrap();
    assert_eq!((plan.roles_added.realm.len(), plan.roles_added.clients.len()), (1, 1));
    let plans = manager.plan_clients([manager.register_client("svc").roles(roles())]).await;
    assert_eq!(plans.into_iter().next().unwrap().unwrap().roles_added, plan.roles_added);
    assert!(manager.service_account_roles(&client).await.unwrap().is_empty());
    manager.permissions().await.unwrap();
    assert_eq!(realm.get(users).await.unwrap(), json!([]), "nothing made it again");

    let done = manager.register_client("svc").roles(roles()).await.unwrap();
    assert_eq!(done.roles_added, plan.roles_added);
    assert!(manager.client_token("svc", &client.secret.unwrap()).await.is_ok());
    assert_eq!(stored(&realm, "svc").await, ["realm-management/view-clients"]);
    realm.delete().await.unwrap();
}

/// The roles of a client are read once for all registrations of a bulk.
#[tokio::test]
async fn a_bulk_reads_the_roles_of_a_client_once() {
    let realm = realm().await;
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let manager = through(&realm, &recorder);
    let roles = || Roles::None.and_client(MANAGEMENT, ["view-clients", "query-users"]);
    let items = (0..5).map(|number| manager.register_client(format!("svc-{number}")).roles(roles()));
    for outcome in manager.register_clients(items).await {
        assert_eq!(outcome.unwrap().roles_added.len(), 2);
    }
    let counts = counts(&recorder.finish().unwrap());
    assert_eq!(counts["GET clients/*/roles"], 1);
    assert_eq!(counts["POST users/*/role-mappings/clients/*"], 5);
    assert!(!counts.contains_key("GET roles"), "no realm role was asked for");
    realm.delete().await.unwrap();
}

/// What the server itself counts as the roles of the service account: realm roles, and those of each client of the realm.
async fn effective(realm: &TestRealm, id: &str) -> Vec<String> {
    let mappings = format!("/users/{}/role-mappings", account_user(realm, id).await.unwrap());
    let names = |roles: Value, client: &str| {
        let name = |role: &Value| format!("{client}{}", role["name"].as_str().unwrap());
        roles.as_array().unwrap().iter().map(name).collect::<Vec<_>>()
    };
    let mut all = names(realm.get(&format!("{mappings}/realm/composite")).await.unwrap(), "");
    for client in realm.get("/clients?first=0&max=1000").await.unwrap().as_array().unwrap() {
        let (uuid, id) = (client["id"].as_str().unwrap(), client["clientId"].as_str().unwrap());
        let roles = realm.get(&format!("{mappings}/clients/{uuid}/composite")).await.unwrap();
        all.extend(names(roles, &format!("{id}/")));
    }
    sorted(all)
}

#[tokio::test]
async fn effective_roles_are_those_that_the_server_counts() {
    let realm = realm().await;
    let app = add_client(&realm, "app", &["reader", "writer", "boss"]).await;
    let role = async |name: &str| realm.get(&format!("/clients/{app}/roles/{name}")).await.unwrap();
    // `boss` includes `writer` and a realm role, which includes a right of `realm-management`.
    realm.post("/roles", &json!({"name": "outer"})).await.unwrap();
    let outer = realm.get("/roles/outer").await.unwrap();
    let boss = role("boss").await;
    let composites = |role: &Value| format!("/roles-by-id/{}/composites", role["id"].as_str().unwrap());
    realm.post(&composites(&boss), &json!([role("writer").await, outer])).await.unwrap();
    let management = realm.get("/clients?clientId=realm-management").await.unwrap()[0]["id"].clone();
    let manage = format!("/clients/{}/roles/manage-users", management.as_str().unwrap());
    realm.post(&composites(&outer), &json!([realm.get(&manage).await.unwrap()])).await.unwrap();

    // A group, whose parent grants `boss`, and whose name has a slash.
    let parent = realm.post("/groups", &json!({"name": "market data"})).await.unwrap();
    let path = format!("/groups/{parent}/role-mappings/clients/{app}");
    realm.post(&path, &json!([boss])).await.unwrap();
    let group =
        realm.post(&format!("/groups/{parent}/children"), &json!({"name": "feeds/eu"})).await.unwrap();
    let all = realm.get("/roles/all").await.unwrap();
    realm.post(&format!("/groups/{group}/role-mappings/realm"), &json!([all])).await.unwrap();

    let manager = manager(&realm);
    let roles = Roles::named(["none"]).and_client("app", ["reader"]);
    let client = manager.register_client("svc").roles(roles).await.unwrap().client;
    let shown = async || {
        let roles = RoleNames::from_iter(manager.effective_roles(&client).await.unwrap());
        sorted(roles.shown())
    };
    assert_eq!(shown().await, effective(&realm, "svc").await);
    let user = realm.get("/users?username=service-account-svc&exact=true").await.unwrap()[0]["id"].clone();
    let membership = format!("/users/{}/groups/{group}", user.as_str().unwrap());
    realm.put(&membership, &json!({})).await.unwrap();
    let counted = effective(&realm, "svc").await;
    for role in ["all", "app/boss", "app/writer", "outer", "realm-management/manage-users"] {
        assert!(counted.contains(&role.to_owned()), "{role}: {counted:?}");
    }
    assert_eq!(shown().await, counted);
    realm.delete().await.unwrap();
}

/// The server assigns `uma_protection` to a client with authorization services.
#[tokio::test]
async fn exact_roles_keep_the_role_that_authorization_services_need() {
    let realm = realm().await;
    let manager = manager(&realm);
    let config = ClientConfig::new().set("authorizationServicesEnabled", true);
    let register = || {
        let registration = manager.register_client("svc").config(config.clone()).roles(Roles::None);
        registration.exact_roles(ExactRoles::All)
    };
    register().await.unwrap();
    assert_eq!(stored(&realm, "svc").await, ["svc/uma_protection"]);
    let again = register().await.unwrap();
    assert!(again.is_unchanged(), "{:?}", again.roles_revoked);
    assert_eq!(stored(&realm, "svc").await, ["svc/uma_protection"]);
    realm.delete().await.unwrap();
}
