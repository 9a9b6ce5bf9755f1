//! `plan`, `exact_roles` and client details: what a plan says is what the registration does, and a plan
//! writes nothing.

use std::collections::BTreeMap;

use kxi_auth_core::{
    ClientConfig, ClientManager, Error, RegisterClient, RegistrationPlan, Roles, SecretString,
};
use kxi_auth_tests::recordings::normalize::Raw;
use kxi_auth_tests::recordings::recorder::Recorder;
use serde_json::json;

use crate::setup::{connect_as_admin_with, manager, realm, sorted, through};

/// How often each method was sent to the admin interface.
fn methods(log: &[Raw]) -> BTreeMap<&str, usize> {
    let mut methods = BTreeMap::new();
    for raw in log.iter().filter(|raw| raw.request.path.contains("/admin/")) {
        *methods.entry(raw.request.method.as_str()).or_default() += 1;
    }
    methods
}

fn writes(log: &[Raw]) -> usize {
    methods(log).iter().filter(|(method, _)| **method != "GET").map(|(_, count)| count).sum()
}

/// Writes that were done: a single registration tries to create first, and is told that the client exists.
fn changes(log: &[Raw]) -> usize {
    let admin = log.iter().filter(|raw| raw.request.path.contains("/admin/"));
    admin.filter(|raw| raw.request.method != "GET" && raw.status != 409).count()
}

/// What can be asked for, by a name: each is planned and registered on a client that the last one left.
fn cases(manager: &ClientManager) -> Vec<(&'static str, RegisterClient)> {
    let svc = || manager.register_client("svc").roles(Roles::None);
    let config = ClientConfig::new();
    vec![
        ("new", svc()),
        ("nothing", svc()),
        ("lifespan", svc().token_lifespan(300)),
        ("description", svc().config(config.clone().description("writes the feed"))),
        ("attribute", svc().config(config.clone().attribute("team", "feeds"))),
        ("removed attribute", svc().config(config.clone().remove_attribute("team"))),
        ("list", svc().config(config.standard_flow(true).redirect_uris(["https://x.example.com/cb"]))),
        ("role", svc().roles(Roles::named(["insights.query.data"]))),
        ("all roles", svc().roles(Roles::All)),
        ("exact roles", svc().roles(Roles::named(["all", "none"])).exact_roles(true)),
        ("exactly none", svc().exact_roles(true)),
        ("secret", svc().secret(SecretString::from("a secret of my own"))),
    ]
}

#[tokio::test]
async fn a_plan_says_what_the_registration_does_and_writes_nothing() {
    let realm = realm().await;
    for index in 0..cases(&manager(&realm)).len() {
        // Each twice: the second time there is nothing to do.
        for repeated in [false, true] {
            let recorder = Recorder::start(realm.server()).await.unwrap();
            let plan_manager = through(&realm, &recorder);
            let (name, registration) = cases(&plan_manager).swap_remove(index);
            let plan = registration.clone().plan().await.unwrap();
            let log = recorder.finish().unwrap();
            assert_eq!(writes(&log), 0, "{name}: {:?}", methods(&log));
            // With exact roles, the realm is read for its default role.
            let most = if name == "exact roles" { 5 } else { 4 };
            assert!(methods(&log)["GET"] <= most, "{name}: {:?}", methods(&log));

            let recorder = Recorder::start(realm.server()).await.unwrap();
            let (_, registration) = cases(&through(&realm, &recorder)).swap_remove(index);
            let done = registration.await.unwrap();
            let sent = changes(&recorder.finish().unwrap());
            assert_eq!(plan.is_unchanged(), sent == 0, "{name}: {plan:?}, {sent} writes");
            assert_eq!(plan.is_unchanged(), repeated || name == "nothing", "{name}: {plan:?}");
            assert_eq!(plan.stored.is_none(), done.created, "{name}");
            assert_eq!(sorted(plan.roles_added.realm), sorted(done.roles_added.realm.clone()), "{name}");
            assert_eq!(sorted(plan.roles_revoked.realm), sorted(done.roles_revoked.realm.clone()), "{name}");
        }
    }
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn changes_are_told_field_by_field_without_the_secret() {
    let realm = realm().await;
    let manager = manager(&realm);
    manager.register_client("svc").token_lifespan(60).await.unwrap();
    let plan = manager
        .register_client("svc")
        .token_lifespan(300)
        .secret(SecretString::from("hunter2"))
        .config(ClientConfig::new().description("new").attribute("team", "feeds"));
    let plan = plan.plan().await.unwrap();
    let told: Vec<_> = plan
        .changes
        .iter()
        .map(|change| (change.field.as_str(), change.from.clone(), change.to.clone()))
        .collect();
    let expected = [
        ("attributes.access.token.lifespan", Some(json!("60")), Some(json!("300"))),
        ("attributes.team", None, Some(json!("feeds"))),
        ("description", None, Some(json!("new"))),
        ("secret", None, None),
    ];
    assert_eq!(told, expected);
    assert!(!format!("{plan:?}").contains("hunter2"));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn many_are_planned_with_shared_reads_and_no_write() {
    let realm = realm().await;
    let there = manager(&realm);
    for id in ["svc-1", "svc-2"] {
        there.register_client(id).await.unwrap();
    }
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let manager = through(&realm, &recorder);
    let items = ["svc-1", "svc-2", "svc-3"].map(|id| manager.register_client(id));
    let odd = manager.register_client("svc-1").roles(Roles::named(["no such role"]));
    let plans = manager.plan_clients(items.into_iter().chain([odd])).await;
    let unchanged: Vec<Option<bool>> =
        plans.iter().map(|plan| plan.as_ref().ok().map(RegistrationPlan::is_unchanged)).collect();
    assert_eq!(unchanged, [Some(true), Some(true), Some(false), None]);
    assert!(matches!(plans[3], Err(Error::UnknownRoles { .. })));
    let log = recorder.finish().unwrap();
    assert_eq!(writes(&log), 0, "{:?}", methods(&log));
    // The roles, the clients, the odd one again, and two for each that is there.
    assert!(methods(&log)["GET"] <= 7, "{:?}", methods(&log));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_plan_refuses_what_the_registration_would() {
    let realm = realm().await;
    let public = json!({"clientId": "web", "publicClient": true});
    realm.post("/clients", &public).await.unwrap();
    let manager = manager(&realm);
    let refused = |id: &str| manager.register_client(id).plan().into_future();
    assert!(matches!(refused("web").await, Err(Error::NotAServiceAccount { .. })));
    assert!(matches!(refused("account").await, Err(Error::Builtin { .. })));
    assert!(refused(" ").await.unwrap_err().is_usage());
    let converting = manager.register_client("web").roles(Roles::None).convert(true).plan().await.unwrap();
    let fields: Vec<&str> = converting.changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["publicClient", "secret", "serviceAccountsEnabled"]);

    let blind = connect_as_admin_with(&realm, &["query-clients", "view-realm"]).await.build().unwrap();
    assert!(blind.register_client("svc").plan().await.unwrap_err().is_forbidden());
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn exact_roles_keep_the_default_role() {
    let realm = realm().await;
    let manager = manager(&realm);
    let client = manager.register_client("svc").await.unwrap();
    assert_eq!(client.roles_revoked.realm, Vec::<String>::new());
    let exact = manager.register_client("svc").roles(Roles::named(["a,b"])).exact_roles(true);
    let done = exact.await.unwrap();
    assert!(
        done.roles_revoked.realm.contains(&"insights.query.data".to_owned()),
        "{:?}",
        done.roles_revoked.realm
    );
    let left: Vec<String> =
        manager.service_account_roles(&client).await.unwrap().into_iter().map(|role| role.name).collect();
    assert_eq!(sorted(left), sorted(["a,b".to_owned(), format!("default-roles-{}", realm.name())]));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn details_tell_what_is_stored() {
    let realm = realm().await;
    let manager = manager(&realm);
    let config = ClientConfig::new().description("feed").attribute("team", "hunter2");
    manager.register_client("svc").token_lifespan(300).config(config).await.unwrap();
    let client = manager.get_client("svc").details().await.unwrap();
    assert_eq!((client.id.as_str(), client.description()), ("svc", Some("feed")));
    assert_eq!((client.token_lifespan(), client.attribute("team")), (Some(300), Some("hunter2")));
    assert!(client.is_enabled() && client.is_service_account() && !client.is_builtin());
    assert!(client.secret.is_some() && !client.fields().contains_key("secret"));
    assert!(!format!("{client:?}").contains("hunter2"));
    assert!(manager.get_client("nobody").details().await.unwrap_err().is_not_found());

    let all = manager.list_clients().with_secret(false).details().await.unwrap();
    assert!(all.iter().all(|client| client.secret.is_none()));
    let builtin: Vec<&str> =
        all.iter().filter(|client| client.is_builtin()).map(|client| client.id.as_str()).collect();
    assert!(builtin.contains(&"admin-cli") && !builtin.contains(&"svc"), "{builtin:?}");
    realm.delete().await.unwrap();
}
