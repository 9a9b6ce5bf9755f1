//! `list_clients` of the Python class: whole, filtered, as a stream, and while clients come and go. The
//! requests are counted by the recording proxy in front of the real server.

use std::collections::HashSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kxi_auth_core::{AuthClient, Error, ExposeSecret as _, Roles};
use kxi_auth_tests::keycloak::realm::TestRealm;
use kxi_auth_tests::recordings::normalize::Raw;
use kxi_auth_tests::recordings::recorder::Recorder;
use serde_json::json;

use crate::setup::{connect_as_admin_with, manager, realm, through};

/// Adds clients called `svc-000` and so on, each with a secret of its own.
async fn add(realm: &TestRealm, numbers: std::ops::Range<usize>) {
    let new = stream::iter(numbers).map(|number| async move {
        let client = json!({"clientId": format!("svc-{number:03}"), "secret": format!("s {number}")});
        realm.post("/clients", &client).await.unwrap();
    });
    new.buffer_unordered(8).collect::<()>().await;
}

/// What the server itself lists: client ids in its order.
async fn stored(realm: &TestRealm) -> Vec<String> {
    let all = realm.get("/clients?first=0&max=1000").await.unwrap();
    let id = |client: &serde_json::Value| client["clientId"].as_str().unwrap().to_owned();
    all.as_array().unwrap().iter().map(id).collect()
}

fn ids(clients: &[AuthClient]) -> Vec<&str> {
    clients.iter().map(|client| client.id.as_str()).collect()
}

fn listings(log: &[Raw]) -> usize {
    log.iter().filter(|raw| raw.request.method == "GET" && raw.request.path.ends_with("/clients")).count()
}

#[tokio::test]
async fn list_clients_gives_each_of_250_once_in_order_with_few_requests() {
    let realm = realm().await;
    add(&realm, 0..250).await;
    let stored = stored(&realm).await;
    assert!(stored.len() > 250, "Keycloak's own are there too");
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let manager = through(&realm, &recorder);

    let listed = manager.list_clients().await.unwrap();
    assert_eq!(ids(&listed), stored);
    let ours = listed.iter().filter(|client| client.id.starts_with("svc-"));
    for (number, client) in ours.enumerate() {
        assert_eq!(client.secret.as_ref().unwrap().expose_secret(), format!("s {number}"));
    }
    let streamed: Vec<AuthClient> = manager.list_clients().stream().try_collect().await.unwrap();
    assert_eq!(ids(&streamed), stored);

    let sent = listings(&recorder.finish().unwrap());
    assert!(sent <= 2 * (stored.len().div_ceil(49) + 4), "{sent} requests for two listings");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_realm_with_fewer_than_50_clients_is_listed_with_one_request() {
    let realm = realm().await;
    add(&realm, 0..49 - stored(&realm).await.len()).await;
    let recorder = Recorder::start(realm.server()).await.unwrap();
    assert_eq!(through(&realm, &recorder).list_clients().await.unwrap().len(), 49);
    assert_eq!(listings(&recorder.finish().unwrap()), 1);

    // With one more it takes a second page, if only to see that there is nothing on it.
    add(&realm, 49..50).await;
    let recorder = Recorder::start(realm.server()).await.unwrap();
    assert_eq!(through(&realm, &recorder).list_clients().await.unwrap().len(), 50);
    assert!((2..=6).contains(&listings(&recorder.finish().unwrap())));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_id_filter_is_exact_and_one_request() {
    let realm = realm().await;
    add(&realm, 1..12).await;
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let manager = through(&realm, &recorder);

    for blank in ["", " \t"] {
        let error = manager.list_clients().id(blank).await.unwrap_err();
        assert!(matches!(error, Error::InvalidParameter { parameter: "id filter", .. }), "{error}");
    }
    let found = manager.list_clients().id("svc-001").await.unwrap();
    assert_eq!(ids(&found), ["svc-001"]);
    assert_eq!(found[0].secret.as_ref().unwrap().expose_secret(), "s 1");
    for other in ["svc-00", "SVC-001", "svc-00_", "svc-%"] {
        assert!(manager.list_clients().id(other).await.unwrap().is_empty(), "{other}");
    }
    let bare = manager.list_clients().id("svc-001").with_secret(false).await.unwrap();
    assert!(bare[0].secret.is_none());
    // One for each that is there, two for each of the four that are not.
    assert_eq!(listings(&recorder.finish().unwrap()), 2 + 2 * 4);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn secrets_are_left_out_if_they_are_not_wanted() {
    let realm = realm().await;
    add(&realm, 0..3).await;
    let manager = manager(&realm);
    let with = manager.list_clients().await.unwrap();
    assert!(with.iter().any(|client| client.secret.is_some()));
    let without = manager.list_clients().with_secret(false).await.unwrap();
    assert_eq!(ids(&without), ids(&with));
    assert!(without.iter().all(|client| client.secret.is_none()));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_stream_that_is_dropped_sends_nothing_further() {
    let realm = realm().await;
    add(&realm, 0..60).await;
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let manager = through(&realm, &recorder);
    drop(manager.list_clients().stream());
    let mut clients = manager.list_clients().stream();
    clients.try_next().await.unwrap().unwrap();
    drop(clients);
    // What had been sent would have arrived before this one.
    manager.all_roles().await.unwrap();
    assert_eq!(listings(&recorder.finish().unwrap()), 1);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn clients_that_vanish_and_appear_while_a_stream_is_read_hide_none() {
    let realm = realm().await;
    add(&realm, 0..250).await;
    let manager = manager(&realm);
    let mut clients = manager.list_clients().stream();
    let mut given: Vec<AuthClient> = Vec::new();
    while given.len() < 130 {
        given.push(clients.try_next().await.unwrap().unwrap());
    }
    // More than a page of what was read already, and a few that are still to come.
    let gone: Vec<AuthClient> =
        given.iter().filter(|client| client.id.starts_with("svc-")).take(70).cloned().collect();
    for client in &gone {
        manager.delete_client_by_uuid(&client.uuid).await.unwrap();
    }
    manager.delete_client("svc-200").await.unwrap();
    add(&realm, 300..320).await;
    realm.post("/clients", &json!({"clientId": "aaa"})).await.unwrap();
    given.extend(clients.try_collect::<Vec<_>>().await.unwrap());

    let unique: HashSet<&str> = given.iter().map(|client| client.uuid.as_str()).collect();
    assert_eq!(unique.len(), given.len(), "none is given twice");
    let given: HashSet<&str> = ids(&given).into_iter().collect();
    let now = stored(&realm).await;
    let hidden: Vec<&String> =
        now.iter().filter(|id| !given.contains(id.as_str()) && id.as_str() != "aaa").collect();
    // Those behind the place where it stood must be there, those before it may be.
    assert_eq!(hidden, [""; 0]);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn listings_beside_deletions_and_creations_are_complete() {
    let realm = realm().await;
    add(&realm, 0..150).await;
    let manager = manager(&realm);
    let start = manager.list_clients().await.unwrap();
    let goes = |client: &AuthClient| client.id.starts_with("svc-") && client.id.as_str() < "svc-100";
    let (gone, stay): (Vec<AuthClient>, Vec<AuthClient>) = start.into_iter().partition(goes);

    let changes = async {
        let manager = &manager;
        let deletions = stream::iter(&gone).map(|client| async move {
            manager.delete_client_by_uuid(&client.uuid).await.unwrap();
        });
        let creations = stream::iter(0..40).map(|number| async move {
            let id = format!("new-{number}");
            manager.register_client(id).roles(Roles::None).await.unwrap();
        });
        let (deletions, creations) = (deletions.buffer_unordered(3), creations.buffer_unordered(1));
        tokio::join!(deletions.collect::<()>(), creations.collect::<()>());
    };
    tokio::pin!(changes);
    // The first listing begins with the changes.
    loop {
        let listing = async { manager.list_clients().await.unwrap() };
        tokio::pin!(listing);
        let (clients, last) = tokio::select! {
            () = &mut changes => (listing.await, true),
            clients = &mut listing => (clients, false),
        };
        let uuids: HashSet<&str> = clients.iter().map(|client| client.uuid.as_str()).collect();
        assert_eq!(uuids.len(), clients.len(), "none is given twice");
        let hidden = stay.iter().filter(|client| !uuids.contains(client.uuid.as_str())).count();
        assert_eq!(hidden, 0, "of {} that stayed", stay.len());
        if last {
            break;
        }
    }
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_empty_list_tells_of_the_missing_permission() {
    let realm = realm().await;
    let limited = connect_as_admin_with(&realm, &["query-clients"]).await.build().unwrap();
    let needs =
        format!("the role `view-clients` of the client `realm-management` in the realm `{}`", realm.name());
    // `account` is there, but not to be seen.
    for list in [limited.list_clients(), limited.list_clients().id("account"), limited.list_clients().id("x")]
    {
        let error = list.await.unwrap_err();
        assert!(error.is_forbidden(), "{error}");
        assert!(error.to_string().contains(&needs), "{error}");
    }
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_id_that_no_url_can_carry_does_not_break_a_listing() {
    let realm = realm().await;
    // The server takes each of these; ids are unique on the whole server.
    let odd = ["..", "a/b ?#%2e \u{e9}\u{1F511}"];
    for (number, id) in odd.iter().enumerate() {
        let client = json!({"clientId": format!("odd-{number}"), "id": id});
        realm.post("/clients", &client).await.unwrap();
    }
    let clients = manager(&realm).list_clients().await.unwrap();
    let uuids: Vec<&str> = clients
        .iter()
        .filter(|client| client.id.starts_with("odd-"))
        .map(|client| client.uuid.as_str())
        .collect();
    assert_eq!(uuids, odd);
    realm.delete().await.unwrap();
}
