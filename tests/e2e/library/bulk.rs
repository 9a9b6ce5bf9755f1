//! `register_clients`, `update_clients` and `delete_clients`. The requests are counted by the
//! recording proxy in front of the real server.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use kxi_auth_core::{
    ClientConfig, ClientManager, Error, Progress, RegisterClient, Roles, SecretString, Warning,
};
use kxi_auth_tests::keycloak::realm::TestRealm;
use kxi_auth_tests::recordings::normalize::Raw;
use kxi_auth_tests::recordings::recorder::Recorder;
use serde_json::json;
use tokio::time::{Duration, Instant};

use crate::setup::{connect, connect_as_admin_with, manager, realm, sign_ins, sorted, through};

/// How often each admin request was sent: its method, and the last part of its path that is no id.
pub(super) fn counts(log: &[Raw]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for raw in log.iter().filter(|raw| raw.request.path.contains("/admin/")) {
        let mut parts: Vec<&str> = raw.request.path.split('/').skip(5).collect();
        for id in 1..parts.len() {
            if id == 1 || ["clients", "groups"].contains(&parts[id - 1]) {
                parts[id] = "*";
            }
        }
        *counts.entry(format!("{} {}", raw.request.method, parts.join("/"))).or_default() += 1;
    }
    counts
}

fn expected<const N: usize>(counts: [(&str, usize); N]) -> BTreeMap<String, usize> {
    counts.into_iter().map(|(request, count)| (request.to_owned(), count)).collect()
}

pub(super) fn numbered(manager: &ClientManager, count: usize) -> Vec<RegisterClient> {
    (0..count).map(|number| manager.register_client(format!("svc-{number:03}"))).collect()
}

/// The ids of the clients that the tests made.
pub(super) async fn stored(realm: &TestRealm) -> Vec<String> {
    let all = realm.get("/clients?first=0&max=1000").await.unwrap();
    let ids = all.as_array().unwrap().iter().map(|client| client["clientId"].as_str().unwrap().to_owned());
    ids.filter(|id| id.starts_with("svc-")).collect()
}

/// A composite realm role that includes the right to administer the realm.
async fn add_boss(realm: &TestRealm) {
    realm.post("/roles", &json!({"name": "boss"})).await.unwrap();
    let owner = realm.get("/clients?clientId=realm-management").await.unwrap()[0]["id"].clone();
    let admin = format!("/clients/{}/roles/realm-admin", owner.as_str().unwrap());
    let part = realm.get(&admin).await.unwrap();
    realm.post("/roles/boss/composites", &json!([part])).await.unwrap();
}

#[tokio::test]
async fn twenty_new_clients_take_four_requests_each() {
    let realm = realm().await;
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let manager = through(&realm, &recorder);
    let outcomes = manager.register_clients(numbered(&manager, 20)).await;
    let names = sorted(manager.all_roles().await.unwrap().into_iter().map(|role| role.name));
    for (number, outcome) in outcomes.into_iter().enumerate() {
        let client = outcome.unwrap();
        assert_eq!(client.id, format!("svc-{number:03}"));
        assert!(client.created);
        assert_eq!(sorted(client.roles_added.realm.clone()), names);
        assert!(manager.client_token(&client.id, client.secret.as_ref().unwrap()).await.is_ok());
    }
    let log = recorder.finish().unwrap();
    let expected = expected([
        // One of them is this test's own.
        ("GET roles", 2),
        ("GET clients", 1),
        ("POST clients", 20),
        // Each is read back.
        ("GET clients/*", 20),
        ("GET clients/*/service-account-user", 20),
        ("POST users/*/role-mappings/realm", 20),
    ]);
    assert_eq!(counts(&log), expected);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn composite_roles_are_looked_into_once() {
    let realm = realm().await;
    add_boss(&realm).await;
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let manager = through(&realm, &recorder);
    for outcome in manager.register_clients(numbered(&manager, 10)).await {
        let warnings = outcome.unwrap().warnings;
        assert!(
            matches!(&warnings[..], [Warning::GrantsRealmManagement { role, grants, .. }]
                if role == "boss" && grants.contains(&"realm-admin".to_owned())),
            "{warnings:?}"
        );
    }
    let counts = counts(&recorder.finish().unwrap());
    // `boss`, and `realm-admin` in it, and whatever of its parts is composite again.
    assert!((2..=5).contains(&counts["GET roles-by-id/*/composites"]), "{counts:?}");
    // Each new client is read back, and the client whose roles `realm-admin` includes is looked up once.
    assert_eq!(counts["GET clients/*"], 10 + 1, "{counts:?}");
    assert_eq!(counts["POST users/*/role-mappings/realm"], 10);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn each_item_has_its_own_outcome_and_existing_clients_take_what_they_need() {
    let realm = realm().await;
    let roles = || Roles::named(["all", "a,b"]);
    let direct = manager(&realm);
    for id in ["svc-same", "svc-other", "svc-role"] {
        let named = if id == "svc-role" { Roles::named(["all"]) } else { roles() };
        direct.register_client(id).roles(named).await.unwrap();
    }
    realm.post("/clients", &json!({"clientId": "svc-public", "publicClient": true})).await.unwrap();

    let recorder = Recorder::start(realm.server()).await.unwrap();
    let manager = through(&realm, &recorder);
    let item = |id: &str| manager.register_client(id).roles(roles());
    let items = [
        item("svc-same"),
        item(" "),
        item("svc-other").secret(SecretString::from("another")),
        item("svc-new"),
        item("svc-bad").roles(Roles::named(["al"])),
        item("svc-public"),
        item("svc-role"),
        item("svc-bad").token_lifespan(0),
        item("svc-bad").config(ClientConfig::new().set("descripton", "x")),
        item("admin-cli"),
        item("svc-none").roles(Roles::None),
    ];
    let outcomes = manager.register_clients(items).await;
    let shown: Vec<String> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Ok(done) => format!("{} {} {:?}", done.id, done.created, done.roles_added.realm),
            Err(Error::InvalidParameter { parameter, .. }) => format!("invalid {parameter}"),
            Err(Error::UnknownRoles { .. }) => "unknown roles".to_owned(),
            Err(Error::NotAServiceAccount { client, .. }) => format!("{client} is none"),
            Err(Error::Builtin { client_id, .. }) => format!("{client_id} is builtin"),
            Err(other) => panic!("{other}"),
        })
        .collect();
    let expected_outcomes = [
        "svc-same false []",
        "invalid client id",
        "svc-other false []",
        "svc-new true [\"all\", \"a,b\"]",
        "unknown roles",
        "svc-public is none",
        "svc-role false [\"a,b\"]",
        "invalid token lifespan",
        "invalid config",
        "admin-cli is builtin",
        "svc-none true []",
    ];
    assert_eq!(shown, expected_outcomes);
    let requests = expected([
        ("GET roles", 1),
        ("GET clients", 1),
        ("POST clients", 2),
        ("PUT clients/*", 1),
        // What was written is read back.
        ("GET clients/*", 3),
        // Not for the one without roles.
        ("GET clients/*/service-account-user", 4),
        ("GET users/*/role-mappings/realm", 3),
        ("POST users/*/role-mappings/realm", 2),
    ]);
    assert_eq!(counts(&recorder.finish().unwrap()), requests);
    assert!(!stored(&realm).await.contains(&"svc-bad".to_owned()));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_id_that_comes_twice_is_created_once_and_the_later_item_wins() {
    let realm = realm().await;
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let manager = through(&realm, &recorder);
    let item = |secret: &str| {
        manager.register_client("svc-1").secret(SecretString::from(secret)).roles(Roles::named(["all"]))
    };
    let outcomes = manager.register_clients([item("first"), item("second"), item("second")]).await;
    let created: Vec<bool> = outcomes.iter().map(|outcome| outcome.as_ref().unwrap().created).collect();
    assert_eq!(created, [true, false, false]);
    let last = SecretString::from("second");
    assert!(manager.client_token("svc-1", &last).await.is_ok());
    let counts = counts(&recorder.finish().unwrap());
    assert_eq!((counts["POST clients"], counts["PUT clients/*"]), (1, 1), "{counts:?}");
    assert_eq!(counts["GET clients"], 3, "one listing, and each of the later two reads anew: {counts:?}");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_refused_sign_in_is_tried_once_for_all() {
    let realm = realm().await;
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let wrong = || {
        let host = format!("http://{}", recorder.address());
        connect(&realm).host(host).password(SecretString::from("wrong")).build().unwrap()
    };
    let manager = wrong();
    let outcomes = manager.register_clients(numbered(&manager, 200)).await;
    assert_eq!(outcomes.len(), 200);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(Error::TokenRetrieval { .. }))));
    let manager = wrong();
    let deletions = (0..200).map(|number| manager.delete_client(format!("svc-{number}")));
    let outcomes = manager.delete_clients(deletions).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(Error::TokenRetrieval { .. }))));
    assert_eq!(sign_ins(&recorder.finish().unwrap()), 2, "one for each manager");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn hidden_clients_are_a_missing_permission_for_every_item() {
    let realm = realm().await;
    let limited = connect_as_admin_with(&realm, &["query-clients", "view-realm"]).await.build().unwrap();
    let items =
        [limited.register_client("svc-1"), limited.register_client(""), limited.register_client("svc-2")];
    let outcomes = limited.register_clients(items).await;
    let forbidden: Vec<bool> =
        outcomes.iter().map(|outcome| outcome.as_ref().is_err_and(Error::is_forbidden)).collect();
    assert_eq!(forbidden, [true, false, true]);
    let said = outcomes[0].as_ref().unwrap_err().to_string();
    assert!(said.contains("`view-clients`"), "{said}");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn two_hundred_are_registered_updated_and_deleted_in_order() {
    let realm = realm().await;
    let manager = manager(&realm);
    let told: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let log = Arc::clone(&told);
    let registered = manager
        .register_clients(numbered(&manager, 200))
        .concurrency(8)
        .on_progress(move |progress| log.lock().unwrap().push(progress))
        .await;
    let registered: Vec<_> = registered.into_iter().map(Result::unwrap).collect();
    let ids: Vec<String> = (0..200).map(|number| format!("svc-{number:03}")).collect();
    assert_eq!(registered.iter().map(|client| client.id.clone()).collect::<Vec<_>>(), ids);
    assert_eq!(stored(&realm).await, ids);
    {
        let told = told.lock().unwrap();
        assert!(told.iter().enumerate().all(|(place, told)| told.done == place + 1 && told.total == 200));
        assert!(told.iter().all(|told| told.ok && told.id == ids[told.index]));
        assert_eq!(told.len(), 200);
    }

    let items = registered.iter().map(|client| manager.update_client(client).token_lifespan(77));
    let updated = manager.update_clients(items).await;
    assert!(updated.iter().zip(&ids).all(|(outcome, id)| outcome.as_ref().unwrap().id == *id));
    let last = realm.get(&format!("/clients/{}", registered[199].uuid)).await.unwrap();
    assert_eq!(last["attributes"]["access.token.lifespan"], "77");

    let mut deletions: Vec<_> = ids.iter().map(|id| manager.delete_client(id)).collect();
    deletions.insert(100, manager.delete_client("svc-000"));
    let deleted = manager.delete_clients(deletions).await;
    let failed: Vec<usize> = (0..201).filter(|index| deleted[*index].is_err()).collect();
    assert_eq!(failed, [100], "it comes twice");
    assert!(deleted[100].as_ref().unwrap_err().is_not_found());
    assert_eq!(stored(&realm).await, [""; 0]);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_few_items_in_a_large_realm_do_not_cost_its_whole_list() {
    let realm = realm().await;
    let first = manager(&realm);
    let many = numbered(&first, 150).into_iter().map(|item| item.roles(Roles::None));
    assert!(first.register_clients(many).await.iter().all(Result::is_ok));
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let manager = through(&realm, &recorder);
    let items = [manager.register_client("svc-new"), manager.register_client("svc-149")];
    let begin = Instant::now();
    let outcomes = manager.register_clients(items.map(|item| item.roles(Roles::None))).await;
    // A client that was read more than 5 s ago is read again before it is changed.
    let again = usize::from(begin.elapsed() >= Duration::from_secs(5));
    let created: Vec<bool> = outcomes.into_iter().map(|outcome| outcome.unwrap().created).collect();
    assert_eq!(created, [true, false]);
    let counts = counts(&recorder.finish().unwrap());
    // Two pages with up to three that were asked for ahead, then a look-up for each that is left.
    assert!(counts["GET clients"] <= 7 + again, "{counts:?}");
    assert_eq!(counts["POST clients"], 1, "{counts:?}");
    realm.delete().await.unwrap();
}
