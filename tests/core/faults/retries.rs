//! What is tried again, how often, and how long.

use std::time::Duration;

use anyhow::Result;
use futures_util::future::try_join_all;
use kxi_auth_core::Error;
use kxi_auth_tests::keycloak::crowd::twenty_at_once;
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{PROBE, ROLES, TOKEN, connect, connect_at_auth, refused, roles_behind_faults};

/// The requests that listing the roles takes, in their order.
const REQUESTS: [(&str, &str); 3] = [("GET", PROBE), ("POST", TOKEN), ("GET", ROLES)];

/// Far above what a call takes that gives up in time, far below what one takes that does not.
const LONG: Duration = Duration::from_secs(30);

/// What a server that is away for a moment looks like.
fn passing() -> Vec<Fault> {
    let statuses = [429, 502, 503, 504].map(Fault::status);
    statuses.into_iter().chain([Fault::Close, Fault::Reset]).collect()
}

#[tokio::test]
async fn each_passing_failure_of_each_request_is_retried() -> Result<()> {
    let mut tests = JoinSet::new();
    for (method, path) in REQUESTS {
        for fault in passing() {
            tests.spawn(async move {
                let (_replay, proxy) = roles_behind_faults().await?;
                // The probe asks at two addresses, and the first failure ends it.
                let failures = if path == PROBE { 1..=2 } else { 1..=1 };
                proxy.inject(method, path, failures, fault.clone());
                let manager = connect(proxy.host()).build()?;
                let roles = manager.all_roles().await;
                assert!(roles.is_ok_and(|roles| !roles.is_empty()), "{method} {path} {fault:?}");
                assert_eq!(proxy.count("POST", TOKEN), if path == TOKEN { 2 } else { 1 });
                assert_eq!(proxy.count("GET", ROLES), if path == ROLES { 2 } else { 1 });
                anyhow::Ok(())
            });
        }
    }
    tests.join_all().await.into_iter().collect()
}

#[tokio::test]
async fn each_request_is_tried_as_often_as_is_set_and_no_more() -> Result<()> {
    for (method, path) in [("POST", TOKEN), ("GET", ROLES)] {
        for retries in [0, 2] {
            let (_replay, proxy) = roles_behind_faults().await?;
            proxy.inject(method, path, .., Fault::status(503));
            let manager = connect_at_auth(proxy.host()).retries(retries).build()?;
            let error = refused(manager.all_roles().await)?;
            assert!(matches!(error, Error::Server { status: 503, .. }), "{error}");
            assert_eq!(proxy.count(method, path), retries + 1);
        }
    }
    Ok(())
}

#[tokio::test]
async fn by_default_five_retries_follow() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    proxy.inject("GET", ROLES, .., Fault::Close);
    let begin = Instant::now();
    let error = refused(connect_at_auth(proxy.host()).build()?.all_roles().await)?;
    assert!(matches!(error, Error::Connection { .. }), "{error}");
    assert_eq!(proxy.count("GET", ROLES), 6);
    // 100, 200, 400, 800 and 1600 ms at least.
    assert!(begin.elapsed() >= Duration::from_millis(3100), "{:?}", begin.elapsed());
    Ok(())
}

#[tokio::test]
async fn other_statuses_are_not_retried_except_once_at_a_sign_in_and_to_a_read() -> Result<()> {
    for status in [400, 403, 404, 500] {
        for (method, path, attempts) in [("POST", TOKEN, 2), ("GET", ROLES, 1)] {
            let (_replay, proxy) = roles_behind_faults().await?;
            proxy.inject(method, path, .., Fault::status(status));
            let error = refused(connect_at_auth(proxy.host()).build()?.all_roles().await)?;
            assert!(error.is_unavailable(), "{error}");
            let attempts = if status == 500 { 2 } else { attempts };
            assert_eq!(proxy.count(method, path), attempts, "{status}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_servers_wish_is_waited_for() -> Result<()> {
    let mut tests = JoinSet::new();
    for ((method, path), status) in REQUESTS.into_iter().flat_map(|request| [(request, 429), (request, 503)])
    {
        tests.spawn(async move {
            let (_replay, proxy) = roles_behind_faults().await?;
            let failures = if path == PROBE { 1..=2 } else { 1..=1 };
            proxy.inject(method, path, failures, Fault::retry_after(status, "1"));
            let begin = Instant::now();
            connect(proxy.host()).build()?.all_roles().await?;
            assert!(
                begin.elapsed() >= Duration::from_secs(1),
                "{status} {method} {path} {:?}",
                begin.elapsed()
            );
            anyhow::Ok(())
        });
    }
    tests.join_all().await.into_iter().collect()
}

#[tokio::test]
async fn a_wish_that_cannot_be_waited_for_ends_it_at_once() -> Result<()> {
    for (status, when) in [(503, "3600"), (503, "18446744073709551615"), (429, "3600")] {
        for (method, path) in [("POST", TOKEN), ("GET", ROLES)] {
            let (_replay, proxy) = roles_behind_faults().await?;
            proxy.inject(method, path, .., Fault::retry_after(status, when));
            let begin = Instant::now();
            let error = refused(connect_at_auth(proxy.host()).build()?.all_roles().await)?;
            let Error::Server { retry_after: Some(after), .. } = error else {
                panic!("{error}");
            };
            assert_eq!(after.as_secs().to_string(), when);
            assert_eq!(proxy.count(method, path), 1);
            // The total is 60 s.
            assert!(begin.elapsed() < LONG, "{:?}", begin.elapsed());
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_wish_that_is_no_number_is_no_wish() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    proxy.inject("GET", ROLES, 1..=1, Fault::retry_after(503, "Fri, 31 Dec 1999 23:59:59 GMT"));
    proxy.inject("GET", ROLES, 2..=2, Fault::retry_after(503, "-1"));
    assert!(connect_at_auth(proxy.host()).build()?.all_roles().await.is_ok());
    Ok(())
}

#[tokio::test]
async fn all_attempts_together_keep_to_the_total() -> Result<()> {
    for fault in [Fault::status(503), Fault::Hang] {
        for (method, path) in REQUESTS {
            let (_replay, proxy) = roles_behind_faults().await?;
            proxy.inject(method, path, .., fault.clone());
            let total = Duration::from_millis(300);
            let builder = connect(proxy.host()).timeout(2 * LONG).retries(1000);
            let manager = builder.total_timeout(total).build()?;
            let begin = Instant::now();
            let error = refused(manager.all_roles().await)?;
            assert!(error.is_unavailable(), "{error}");
            // The pauses are of 100, 200 and 400 ms at least; one attempt that hangs takes up the total.
            let most = if matches!(fault, Fault::Hang) { 1 } else { 3 };
            // The probe asks at two addresses.
            let most = if path == PROBE { 2 * most } else { most };
            let sent = proxy.count(method, path);
            assert!(sent <= most, "{sent} times {method} {path} {fault:?}");
            assert!(begin.elapsed() < LONG, "{:?}", begin.elapsed());
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_timeout_is_of_one_attempt_and_retried() -> Result<()> {
    let tests = REQUESTS.map(|(method, path)| async move {
        let (_replay, proxy) = roles_behind_faults().await?;
        proxy.inject(method, path, 1..=1, Fault::Hang);
        let manager = connect(proxy.host()).timeout(Duration::from_millis(400)).build()?;
        assert!(manager.all_roles().await.is_ok(), "{method} {path}");
        anyhow::Ok(())
    });
    try_join_all(tests).await.map(drop)
}

#[tokio::test]
async fn a_server_that_stays_silent_is_a_timeout() -> Result<()> {
    let timeout = Duration::from_millis(1500);
    let tests = REQUESTS.map(|(method, path)| async move {
        let (_replay, proxy) = roles_behind_faults().await?;
        proxy.inject(method, path, .., Fault::Hang);
        let manager = connect(proxy.host()).timeout(timeout).retries(1).build()?;
        let error = refused(manager.all_roles().await)?;
        let Error::Timeout { request, timeout: named, .. } = &error else { panic!("{error}") };
        assert_eq!((*named, request.method), (timeout, method));
        assert!(request.path.contains(path), "{request}");
        assert_eq!(proxy.count(method, path), 2, "{method} {path}");
        anyhow::Ok(())
    });
    try_join_all(tests).await.map(drop)
}

#[tokio::test]
async fn a_refused_connection_is_named() -> Result<()> {
    // The port is free again.
    let gone = FaultProxy::start("http://127.0.0.1:9").await?.host();
    let error = refused(connect(&gone).retries(1).build()?.all_roles().await)?;
    let Error::Connection { reason, host, .. } = &error else { panic!("{error:?}") };
    assert_eq!(host, &gone);
    assert!(reason.to_lowercase().contains("refused"), "{reason}");
    assert_eq!(
        error.to_string(),
        format!("GET /realms/insights: cannot reach the server at {gone}: {reason}")
    );
    Ok(())
}

#[tokio::test]
async fn who_waits_for_a_server_that_is_away_shares_the_outcome() -> Result<()> {
    for (method, path) in [("GET", PROBE), ("POST", TOKEN)] {
        let (_replay, proxy) = roles_behind_faults().await?;
        proxy.inject(method, path, .., Fault::Hang);
        let manager = connect(proxy.host()).retries(0).timeout(Duration::from_millis(600)).build()?;
        for outcome in twenty_at_once(&manager).await {
            let error = refused(outcome)?;
            assert!(matches!(error, Error::Timeout { .. }), "{error}");
        }
        assert_eq!(proxy.count(method, path), 1, "{method} {path}");
        // None of it is remembered.
        proxy.heal();
        assert!(manager.all_roles().await.is_ok());
    }
    Ok(())
}
