//! What a bulk leaves behind when it is cancelled, dropped or overtaken, and how it is completed.

use std::sync::Arc;
use std::time::Duration;

use kxi_auth_core::{CancelHandle, Error, Roles, SecretString};
use kxi_auth_tests::keycloak::realm::TestRealm;
use kxi_auth_tests::recordings::normalize::Raw;
use kxi_auth_tests::recordings::recorder::Recorder;
use serde_json::json;

use crate::library::bulk::{counts, numbered, stored};
use crate::setup::{manager, realm, sorted, through};

/// A client that each realm has, and that nothing else asks for.
const FENCE: &str = "admin-cli";

#[tokio::test]
async fn a_cancellation_after_the_third_is_completed_by_the_same_call_again() {
    let realm = realm().await;
    let manager = manager(&realm);
    let cancel = CancelHandle::new();
    let handle = cancel.clone();
    let outcomes = manager
        .register_clients(numbered(&manager, 20))
        .concurrency(4)
        .cancellation(&cancel)
        .on_progress(move |progress| {
            if progress.done == 3 {
                handle.cancel();
            }
        })
        .await;
    let done: Vec<&str> =
        outcomes.iter().filter_map(|outcome| Some(outcome.as_ref().ok()?.id.as_str())).collect();
    assert!((3..=6).contains(&done.len()), "the third and those in flight with it: {done:?}");
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(_) | Err(Error::Cancelled))));
    assert_eq!(sorted(done), stored(&realm).await, "of the others nothing was sent");

    let again = manager.register_clients(numbered(&manager, 20)).await;
    assert!(again.iter().all(Result::is_ok));
    assert_eq!(stored(&realm).await.len(), 20);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_dropped_bulk_sends_nothing_further_and_the_same_call_again_completes_it() {
    let realm = realm().await;
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let observed = through(&realm, &recorder);
    let third = Arc::new(tokio::sync::Notify::new());
    let signal = Arc::clone(&third);
    let roles = || Roles::named(["all", "none"]);
    // The first three are done as soon as they are created; those beside them are then half done.
    let items = numbered(&observed, 60).into_iter().enumerate();
    let items = items.map(|(place, item)| item.roles(if place < 3 { Roles::None } else { roles() }));
    let bulk = observed.register_clients(items).on_progress(move |progress| {
        if progress.done == 3 {
            signal.notify_one();
        }
    });
    tokio::select! {
        _ = bulk => panic!("the bulk ended first"),
        () = third.notified() => {}
    }
    // What was on its way arrives before the first of these requests; whatever went on would have sent
    // more by the last, for each request takes as long as these.
    for _ in 0..4 {
        observed.list_clients().id(FENCE).await.unwrap();
    }
    let log = recorder.finish().unwrap();
    assert_eq!(after_fence(&log), [""; 0]);
    let counts = counts(&log);
    assert!(
        counts["POST clients"] > 3 && !counts.contains_key("POST users/*/role-mappings/realm"),
        "{counts:?}"
    );
    let left = stored(&realm).await;
    assert_eq!(left.len(), counts["POST clients"]);
    assert!(left.len() <= 20, "{left:?}");

    let manager = manager(&realm);
    let items = numbered(&manager, 60).into_iter().map(|item| item.roles(roles()));
    let again = manager.register_clients(items).await;
    let kept = again.iter().filter(|outcome| !outcome.as_ref().unwrap().created).count();
    assert_eq!(kept, left.len());
    for outcome in again {
        let client = outcome.unwrap();
        let names = manager.service_account_roles(&client).await.unwrap().into_iter().map(|role| role.name);
        let default = format!("default-roles-{}", realm.name());
        assert_eq!(sorted(names), sorted(["all", "none", &default]), "{}", client.id);
    }
    realm.delete().await.unwrap();
}

/// What was sent after the first request about [`FENCE`], apart from others of them. Those that the
/// recorder took together with it are in no order, and were sent before it was answered.
fn after_fence(log: &[Raw]) -> Vec<&str> {
    let fence = |raw: &Raw| raw.request.query.as_ref().is_some_and(|query| query.contains(FENCE));
    let first = log.iter().position(fence).unwrap();
    let group = log[first].together;
    let later =
        log[first..].iter().filter(|raw| !fence(raw) && (raw.together.is_none() || raw.together != group));
    later.map(|raw| raw.request.path.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_changed_since_it_was_listed_loses_nothing() {
    let realm = Arc::new(realm().await);
    let manager = manager(&realm);
    let first = manager.register_client("svc-1").roles(Roles::None).await.unwrap();
    let second = manager.register_client("svc-2").roles(Roles::None).await.unwrap();
    let path = format!("/clients/{}", second.uuid);
    let (other, changed) = (Arc::clone(&realm), path.clone());
    let item = |id: &str| manager.register_client(id).secret(SecretString::from("new")).roles(Roles::None);
    // Between the two, somebody turns authorization services on; a PUT without the flag would wipe them.
    let change = async move |other: &TestRealm, path: &str| {
        let on = json!({
            "clientId": "svc-2", "serviceAccountsEnabled": true, "authorizationServicesEnabled": true,
        });
        other.put(path, &on).await.unwrap();
        let resource = json!({"name": "a resource", "uris": ["/a"]});
        other.post(&format!("{path}/authz/resource-server/resource"), &resource).await.unwrap();
        // A listing is relied on for 5 s of the clock, which nothing can set, and no test can hold: the
        // server answers in real time.
        tokio::time::sleep(Duration::from_millis(5100)).await;
    };
    let outcomes = manager
        .register_clients([item("svc-1"), item("svc-2")])
        .concurrency(1)
        .on_progress(move |progress| {
            if progress.index == 0 {
                tokio::task::block_in_place(|| {
                    tokio::runtime::Handle::current().block_on(change(&other, &changed));
                });
            }
        })
        .await;
    let uuids: Vec<_> = outcomes.iter().map(|outcome| outcome.as_ref().unwrap().uuid.clone()).collect();
    assert_eq!(uuids, [first.uuid.clone(), second.uuid.clone()]);
    let settings = realm.get(&format!("{path}/authz/resource-server/settings")).await.unwrap();
    let resources = settings["resources"].as_array().unwrap();
    assert!(resources.iter().any(|resource| resource["name"] == "a resource"), "{settings}");
    Arc::into_inner(realm).unwrap().delete().await.unwrap();
}
