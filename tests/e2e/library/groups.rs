//! The groups of a service account: joined, left and listed by their paths, with what they grant.

use kxi_auth_core::{ClientManager, Error, Roles, Step};
use kxi_auth_tests::keycloak::realm::TestRealm;
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use kxi_auth_tests::recordings::recorder::Recorder;
use serde_json::json;

use crate::library::bulk::counts;
use crate::setup::{connect, groups as stored, manager, realm, through};

/// The groups `/market data`, `/market data/feeds` and `/reports`.
async fn add_groups(realm: &TestRealm) {
    let parent = realm.post("/groups", &json!({"name": "market data"})).await.unwrap();
    realm.post(&format!("/groups/{parent}/children"), &json!({"name": "feeds"})).await.unwrap();
    realm.post("/groups", &json!({"name": "reports"})).await.unwrap();
}

#[tokio::test]
async fn groups_are_joined_and_in_exact_mode_left() {
    let realm = realm().await;
    add_groups(&realm).await;
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let manager = through(&realm, &recorder);
    let register =
        |groups: &[&str]| manager.register_client("svc").roles(Roles::None).groups(groups.iter().copied());
    let new = register(&["/market data/feeds", "/reports"]).await.unwrap();
    assert_eq!(new.groups_joined, ["/market data/feeds", "/reports"]);
    assert!(register(&["/reports"]).await.unwrap().is_unchanged(), "others stay");
    assert_eq!(manager.service_account_groups(&new).await.unwrap(), ["/market data/feeds", "/reports"]);

    let exact = || register(&["/market data"]).exact_groups(true);
    let plan = exact().plan().await.unwrap();
    assert_eq!((&plan.groups_joined[..], plan.groups_left.len()), (&["/market data".to_owned()][..], 2));
    assert_eq!(stored(&realm, "svc").await, ["/market data/feeds", "/reports"], "a plan writes nothing");
    let done = exact().await.unwrap();
    assert_eq!((done.groups_joined, done.groups_left), (plan.groups_joined, plan.groups_left));
    assert_eq!(stored(&realm, "svc").await, ["/market data"]);
    assert!(exact().plan().await.unwrap().is_unchanged());
    let counts = counts(&recorder.finish().unwrap());
    assert_eq!((counts["PUT users/*/groups/*"], counts["DELETE users/*/groups/*"]), (3, 2));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn unknown_and_impossible_groups_are_rejected_before_anything_is_written() {
    let realm = realm().await;
    add_groups(&realm).await;
    let manager = manager(&realm);
    let register = |groups: &[&str]| manager.register_client("svc").groups(groups.iter().copied());
    let error = register(&["/market data", "/feeds", "/market data/none"]).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    let expected = format!("unknown groups in the realm `{}`: `/feeds`, `/market data/none`", realm.name());
    assert_eq!(error.to_string(), expected);
    let error = register(&["feeds"]).await.unwrap_err();
    assert!(matches!(error, Error::InvalidParameter { parameter: "group", .. }), "{error}");
    assert!(manager.get_client("svc").await.unwrap_err().is_not_found());
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn the_roles_of_a_group_include_those_of_its_parents() {
    let realm = realm().await;
    add_groups(&realm).await;
    let groups = realm.get("/group-by-path/market%20data").await.unwrap();
    let all = realm.get("/roles/all").await.unwrap();
    let path = format!("/groups/{}/role-mappings/realm", groups["id"].as_str().unwrap());
    realm.post(&path, &json!([all])).await.unwrap();
    let manager = manager(&realm);
    let register = manager.register_client("svc").roles(Roles::None);
    let client = register.groups(["/market data/feeds", "/reports"]).await.unwrap();
    let granted = manager.group_grants(&client).await.unwrap();
    let granted: Vec<_> =
        granted.iter().map(|group| (group.path.as_str(), group.roles.realm.concat())).collect();
    assert_eq!(granted, [("/market data/feeds", "all".to_owned()), ("/reports", String::new())]);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_group_that_lets_its_members_administer_the_realm_is_a_warning() {
    let realm = realm().await;
    add_groups(&realm).await;
    let management = realm.get("/clients?clientId=realm-management").await.unwrap()[0]["id"].clone();
    let management = management.as_str().unwrap();
    let role = realm.get(&format!("/clients/{management}/roles/manage-users")).await.unwrap();
    let group = realm.get("/group-by-path/market%20data").await.unwrap();
    let path = format!("/groups/{}/role-mappings/clients/{management}", group["id"].as_str().unwrap());
    realm.post(&path, &json!([role])).await.unwrap();
    let manager = manager(&realm);
    let register = || manager.register_client("svc").roles(Roles::None).groups(["/market data/feeds"]);
    let said = "the group `/market data/feeds` grants permissions to administer the realm: manage-users";
    let planned = register().plan().await.unwrap();
    assert_eq!(planned.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(), [said]);
    let done = register().await.unwrap();
    assert_eq!(done.warnings, planned.warnings);
    assert!(register().await.unwrap().warnings.is_empty(), "it is in the group already");
    realm.delete().await.unwrap();
}

/// The client that the admin signs in as has its permissions from a group.
#[tokio::test]
async fn the_own_client_does_not_leave_the_group_that_it_needs() {
    let realm = realm().await;
    let group = realm.post("/groups", &json!({"name": "admins"})).await.unwrap();
    let management = realm.get("/clients?clientId=realm-management").await.unwrap()[0]["id"].clone();
    let management = management.as_str().unwrap();
    for role in ["manage-clients", "manage-users", "view-realm"] {
        let role = realm.get(&format!("/clients/{management}/roles/{role}")).await.unwrap();
        let path = format!("/groups/{group}/role-mappings/clients/{management}");
        realm.post(&path, &json!([role])).await.unwrap();
    }
    let direct = manager(&realm);
    let register = |manager: &ClientManager| manager.register_client("own").roles(Roles::None);
    let client = register(&direct).groups(["/admins"]).await.unwrap().client;
    let builder = ClientManager::builder().host(realm.server().host()).realm(realm.name());
    let builder = builder.admin_realm(realm.name()).admin_client("own", client.secret.unwrap());
    let own = builder.build().unwrap();
    let leaving = || register(&own).roles(Roles::named(["all"])).exact_groups(true);
    for error in [leaving().plan().await.unwrap_err(), leaving().await.unwrap_err()] {
        assert!(matches!(error, Error::OwnClient { .. }), "{error}");
    }
    assert_eq!(stored(&realm, "own").await, ["/admins"]);
    let roles = direct.service_account_roles(&direct.get_client("own").await.unwrap()).await.unwrap();
    assert!(roles.iter().all(|role| role.name != "all"), "nothing was changed before");
    let left = leaving().allow_self(true).await.unwrap().groups_left;
    assert_eq!(left, ["/admins"]);
    realm.delete().await.unwrap();
}

/// A lost response is no failure if the server shows the membership, and an error that says so if it cannot be read.
#[tokio::test]
async fn a_membership_whose_responses_are_all_lost_is_found_or_in_doubt() {
    let realm = realm().await;
    add_groups(&realm).await;
    let register = async |id: &str, fault: Fault| {
        let proxy = FaultProxy::start(&realm.server().host()).await.unwrap();
        let manager = connect(&realm).host(proxy.host()).retries(1).build().unwrap();
        proxy.inject("PUT", "/groups/", .., fault);
        manager.register_client(id).roles(Roles::None).groups(["/reports"]).await
    };
    assert_eq!(register("svc", Fault::Lose).await.unwrap().groups_joined, ["/reports"]);
    assert_eq!(stored(&realm, "svc").await, ["/reports"]);
    let error = register("other", Fault::Reset).await.unwrap_err();
    let Error::Incomplete(incomplete) = &error else { panic!("{error}") };
    assert_eq!(incomplete.done, [Step::Create]);
    assert_eq!((incomplete.failed, incomplete.in_doubt), (Step::JoinGroups, true));
    assert!(error.to_string().contains("may not be in all of the groups yet"), "{error}");
    realm.delete().await.unwrap();
}
