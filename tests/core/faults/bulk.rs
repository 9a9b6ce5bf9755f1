//! Bulk work while the server is away, or fails for one item.

use anyhow::Result;
use kxi_auth_core::{CancelHandle, Error, Roles, Warning};
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use serde_json::json;
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{connect, refused};

const CLIENTS: &str = "/admin/realms/insights/clients";

/// A realm with clients of Keycloak's own, where each create succeeds.
async fn realm() -> MockServer {
    let server = MockServer::start().await;
    let ok = |body| ResponseTemplate::new(200).set_body_json(body);
    for (verb, path, answer) in [
        ("POST", "/token$", ok(json!({"access_token": "t", "expires_in": 300}))),
        ("GET", "/clients$", ok(json!([{"id": "u-1", "clientId": "admin-cli"}]))),
        ("POST", "/clients$", ResponseTemplate::new(201)),
    ] {
        Mock::given(method(verb)).and(path_regex(path)).respond_with(answer).mount(&server).await;
    }
    server
}

#[tokio::test]
async fn a_dead_server_costs_the_retries_of_a_few_items() -> Result<()> {
    for (concurrency, most) in [(1, 3), (4, 7)] {
        let server = realm().await;
        let proxy = FaultProxy::start(&server.uri()).await?;
        proxy.inject("POST", CLIENTS, .., Fault::Close);
        let manager = connect(proxy.host()).base_path("/").retries(1).build()?;
        let items = (0..40).map(|number| manager.register_client(format!("svc-{number}")).roles(Roles::None));
        let outcomes = manager.register_clients(items).concurrency(concurrency).await;
        assert_eq!(outcomes.len(), 40);
        let mut tried = 0;
        for outcome in outcomes {
            let error = refused(outcome)?;
            assert!(error.is_unavailable() && error.is_temporary(), "{error}");
            tried += usize::from(!matches!(error, Error::NotStarted { .. }));
        }
        // Those in flight end.
        assert!((3..=most).contains(&tried), "{tried}");
        assert_eq!(proxy.count("POST", CLIENTS), 2 * tried, "each with its retry");
    }
    Ok(())
}

#[tokio::test]
async fn a_failure_of_some_items_does_not_stop_the_others() -> Result<()> {
    let server = realm().await;
    let proxy = FaultProxy::start(&server.uri()).await?;
    proxy.inject("GET", CLIENTS, 1..=5, Fault::status(500));
    proxy.inject("GET", CLIENTS, 6..=7, Fault::Close);
    let manager = connect(proxy.host()).base_path("/").retries(0).build()?;
    let items = (0..10).map(|number| manager.delete_client(format!("svc-{number}")));
    let outcomes = manager.delete_clients(items).concurrency(1).await;
    let absent = |outcome: &&Result<_, Error>| outcome.as_ref().is_err_and(Error::is_not_found);
    assert_eq!(outcomes.iter().filter(absent).count(), 3, "{outcomes:?}");
    Ok(())
}

#[tokio::test]
async fn deletions_stop_too() -> Result<()> {
    let server = realm().await;
    let proxy = FaultProxy::start(&server.uri()).await?;
    proxy.inject("GET", CLIENTS, .., Fault::status(503));
    let manager = connect(proxy.host()).base_path("/").retries(0).build()?;
    let items = (0..10).map(|number| manager.delete_client(format!("svc-{number}")));
    let outcomes = manager.delete_clients(items).concurrency(1).await;
    let untried = |outcome: &&Result<_, Error>| matches!(outcome, Err(Error::NotStarted { .. }));
    assert_eq!((outcomes.iter().filter(untried).count(), proxy.count("GET", CLIENTS)), (7, 3));
    Ok(())
}

#[tokio::test]
async fn realm_settings_that_cannot_be_read_cost_one_read_and_are_a_warning() -> Result<()> {
    let server = MockServer::start().await;
    let client = |number: usize| {
        json!({"id": format!("u-{number}"), "clientId": format!("svc-{number}"), "secret": "s",
            "serviceAccountsEnabled": true, "attributes": {"access.token.lifespan": "300"}})
    };
    let clients: Vec<_> = (0..8).map(client).collect();
    let ok = |body| ResponseTemplate::new(200).set_body_json(body);
    for (verb, path, answer) in [
        ("POST", "/token$", ok(json!({"access_token": "t", "expires_in": 300}))),
        ("GET", "/clients$", ok(json!(clients))),
        ("GET", "/service-account-user$", ok(json!({"id": "user"}))),
        ("GET", "/role-mappings/realm$", ok(json!([]))),
        ("GET", "/admin/realms/insights$", ResponseTemplate::new(503)),
    ] {
        Mock::given(method(verb)).and(path_regex(path)).respond_with(answer).mount(&server).await;
    }
    let manager = connect(server.uri()).base_path("/").retries(1).build()?;
    let item =
        |number| manager.register_client(format!("svc-{number}")).roles(Roles::None).token_lifespan(300);
    let mut warnings = Vec::new();
    for plan in manager.plan_clients((0..8).map(item)).await {
        warnings.extend(plan?.warnings);
    }
    for registration in manager.register_clients((0..8).map(item)).await {
        warnings.extend(registration?.warnings);
    }
    let unchecked = |warning: &&Warning| matches!(warning, Warning::LifespanNotChecked { .. });
    assert_eq!(warnings.iter().filter(unchecked).count(), 16, "{warnings:?}");
    let requests = server.received_requests().await.unwrap_or_default();
    let reads = requests.iter().filter(|request| request.url.path() == "/admin/realms/insights").count();
    assert_eq!(reads, 2, "one read with its retry");
    Ok(())
}

#[tokio::test]
async fn look_ups_stop_too() -> Result<()> {
    let server = realm().await;
    let proxy = FaultProxy::start(&server.uri()).await?;
    proxy.inject("GET", CLIENTS, .., Fault::status(503));
    let manager = connect(proxy.host()).base_path("/").retries(0).build()?;
    let items = || (0..10).map(|number| manager.get_client(format!("svc-{number}")));
    let outcomes = manager.get_clients(items()).concurrency(1).await;
    let untried = |outcome: &&Result<_, Error>| matches!(outcome, Err(Error::NotStarted { .. }));
    assert_eq!((outcomes.iter().filter(untried).count(), proxy.count("GET", CLIENTS)), (7, 3));
    let stop = CancelHandle::new();
    stop.cancel();
    let outcomes = manager.get_clients(items()).cancellation(&stop).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(Error::Cancelled))));
    assert_eq!(proxy.count("GET", CLIENTS), 3);
    Ok(())
}
