//! Tokens: one sign-in for all, renewal before expiry and after a 401. The requests are counted by
//! the recording proxy in front of the real server.

use std::time::Duration;

use kxi_auth_core::{ClientManagerBuilder, SecretString};
use kxi_auth_tests::keycloak::crowd::twenty_at_once;
use kxi_auth_tests::keycloak::realm::TestRealm;
use kxi_auth_tests::recordings::normalize::Raw;
use kxi_auth_tests::recordings::recorder::Recorder;
use serde_json::json;
use tokio::time::Instant;

use crate::setup::{connect_as_admin_with, realm, sign_ins};

/// A connection through the recorder, as an admin of the realm itself.
async fn through(realm: &TestRealm, recorder: &Recorder) -> ClientManagerBuilder {
    connect_as_admin_with(realm, &["view-realm"]).await.host(format!("http://{}", recorder.address()))
}

fn with_status(log: &[Raw], status: u16) -> usize {
    log.iter().filter(|raw| raw.status == status && raw.request.path.contains("/admin/")).count()
}

#[tokio::test]
async fn twenty_tasks_share_one_sign_in_and_one_probe() {
    let realm = realm().await;
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let manager = through(&realm, &recorder).await.build().unwrap();
    assert!(twenty_at_once(&manager).await.iter().all(Result::is_ok));
    let log = recorder.finish().unwrap();
    assert_eq!(sign_ins(&log), 1);
    assert_eq!(with_status(&log, 200), 20);
    let probes =
        log.iter().filter(|raw| raw.request.path.ends_with(&format!("/realms/{}", realm.name()))).count();
    assert!(probes <= 2, "{probes}");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_for_all_who_wait() {
    let realm = realm().await;
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let wrong = through(&realm, &recorder).await.password(SecretString::from("wrong"));
    let manager = wrong.build().unwrap();
    assert!(twenty_at_once(&manager).await.iter().all(Result::is_err));
    assert_eq!(sign_ins(&recorder.finish().unwrap()), 1);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_token_is_renewed_before_it_expires() {
    let realm = realm().await;
    // Renewed after half of it, so that a request of a busy machine has the other half.
    let half = Duration::from_secs(6);
    realm.put("", &json!({"accessTokenLifespan": 2 * half.as_secs()})).await.unwrap();
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let manager = through(&realm, &recorder).await.build().unwrap();
    manager.all_roles().await.unwrap();
    let begin = Instant::now();
    while begin.elapsed() < half {
        tokio::time::sleep(Duration::from_millis(200)).await;
        manager.all_roles().await.unwrap();
    }
    manager.all_roles().await.unwrap();
    let log = recorder.finish().unwrap();
    assert!(sign_ins(&log) >= 2, "{} sign-ins", sign_ins(&log));
    assert_eq!(with_status(&log, 401), 0, "no request went out with an expired token");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_token_that_the_server_no_longer_accepts_is_renewed_once() {
    let realm = realm().await;
    let recorder = Recorder::start(realm.server()).await.unwrap();
    let manager = through(&realm, &recorder).await.build().unwrap();
    manager.all_roles().await.unwrap();
    let user = realm.get("/users?username=admin&exact=true").await.unwrap()[0]["id"].clone();
    realm.post(&format!("/users/{}/logout", user.as_str().unwrap()), &json!({})).await.unwrap();

    assert!(twenty_at_once(&manager).await.iter().all(Result::is_ok));
    let log = recorder.finish().unwrap();
    assert_eq!(sign_ins(&log), 2, "one at the start, one for all who met the 401");
    let refused = with_status(&log, 401);
    assert!((1..=20).contains(&refused), "{refused}");
    assert_eq!(with_status(&log, 200), 21);
    realm.delete().await.unwrap();
}
