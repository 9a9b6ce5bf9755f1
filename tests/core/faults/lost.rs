//! Answers that are lost after the server has done its work.

use anyhow::Result;
use kxi_auth_core::{ExposeSecret, Roles, SecretString, Warning};
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use kxi_auth_tests::recordings::fixture::{Exchange, Fixture};
use kxi_auth_tests::recordings::replay::Replay;

use super::{connect, connect_at_auth, exchange, tireless};

const CLIENTS: &str = "/admin/realms/insights/clients";

/// The fixture of a client that is registered twice, put into the order of one registration whose
/// answer is lost: the repeated request meets the server's 409, and the client is the one just made.
fn create_twice() -> Result<Fixture> {
    let recorded = Fixture::read("register-again")?;
    let create = exchange(&recorded, "POST", CLIENTS, 0)?;
    let taken = exchange(&recorded, "POST", CLIENTS, 1)?;
    let repeated = Exchange { request: create.request.clone(), ..taken };
    let sign_in = exchange(&recorded, "POST", "/token", 0)?;
    let find = recorded
        .exchanges
        .iter()
        .find(|exchange| exchange.request.query.as_deref() == Some("clientId=svc"))
        .cloned();
    let exchanges = [sign_in, create, repeated].into_iter().chain(find).collect();
    Ok(Fixture { exchanges, ..recorded })
}

#[tokio::test]
async fn a_create_is_found_again_and_is_new() -> Result<()> {
    let replay = Replay::serve(create_twice()?).await;
    let proxy = FaultProxy::start(&replay.host()).await?;
    proxy.inject("POST", CLIENTS, 1..=1, Fault::Lose);
    let secret = SecretString::from("a secret of our own");
    let manager = connect_at_auth(proxy.host()).build()?;
    let made = manager.register_client("svc").secret(secret).roles(Roles::None).await?;
    assert!(made.created);
    assert_eq!(made.secret.as_ref().map(ExposeSecret::expose_secret), Some("a secret of our own"));
    // Two requests to create, one to look, and nothing else: the same id and the same secret.
    let received = replay.finish()?;
    assert_eq!(received.admin_requests(), 3);
    Ok(())
}

#[tokio::test]
async fn a_create_alone_is_found_again_too() -> Result<()> {
    let replay = Replay::serve(create_twice()?).await;
    let proxy = FaultProxy::start(&replay.host()).await?;
    proxy.inject("POST", CLIENTS, 1..=1, Fault::Lose);
    let made = connect_at_auth(proxy.host()).build()?.register_new_client("svc").await?;
    let sent = replay.finish()?;
    let body = |at: usize| sent.requests[at].body.clone();
    assert_eq!(body(1), body(2), "the request is repeated as it was, its id and secret included");
    assert!(made.secret.is_some());
    Ok(())
}

#[tokio::test]
async fn a_delete_has_succeeded() -> Result<()> {
    // Recorded is a delete that succeeds, and another that finds nothing.
    let replay = Replay::start("client-delete-unguarded").await?;
    let proxy = FaultProxy::start(&replay.host()).await?;
    proxy.inject("DELETE", CLIENTS, 1..=1, Fault::Lose);
    let manager = connect(proxy.host()).build()?;
    let client = manager.get_client("svc-1").await?;
    manager.delete_client_by_uuid(&client.uuid).allow_builtin(true).await?;
    assert_eq!(proxy.count("DELETE", CLIENTS), 2);
    Ok(())
}

#[tokio::test]
async fn a_delete_that_never_arrived_is_not_reported_done() -> Result<()> {
    let replay = Replay::start("client-delete-unguarded").await?;
    let proxy = FaultProxy::start(&replay.host()).await?;
    let manager = connect(proxy.host()).build()?;
    let client = manager.get_client("svc-1").await?;
    manager.delete_client_by_uuid(&client.uuid).allow_builtin(true).await?;
    // Keycloak itself carries out nothing that it answers with an error: what is not there then was not there before.
    let own = Fault::answer(503, "application/json", r#"{"error":"HTTP 503 Service Unavailable"}"#);
    proxy.inject("DELETE", CLIENTS, 1..=1, own);
    let error = super::refused(manager.delete_client_by_uuid(&client.uuid).allow_builtin(true).await)?;
    assert!(error.is_not_found(), "{error}");
    assert_eq!(proxy.count("DELETE", CLIENTS), 3);
    Ok(())
}

#[tokio::test]
async fn a_registration_is_complete_although_a_composite_cannot_be_read() -> Result<()> {
    let replay = tireless("register-composite-role").await?;
    let proxy = FaultProxy::start(&replay.host()).await?;
    proxy.inject("GET", "/composites", .., Fault::status(500));
    let manager = connect(proxy.host()).build()?;
    let done = manager.register_client("svc").roles(Roles::named(["boss"])).await?;
    assert_eq!(done.roles_added.realm, ["boss"]);
    assert!(matches!(done.warnings.as_slice(), [Warning::NotChecked { .. }]), "{:?}", done.warnings);
    Ok(())
}

#[tokio::test]
async fn what_a_gateway_does_not_find_is_not_deleted() -> Result<()> {
    let replay = tireless("client-delete-unguarded").await?;
    let proxy = FaultProxy::start(&replay.host()).await?;
    let manager = connect(proxy.host()).build()?;
    let client = manager.get_client("svc-1").await?;
    // While Keycloak restarts, its gateway has no route to it: a 404, but not Keycloak's.
    proxy.inject("DELETE", CLIENTS, 1..=1, Fault::status(503));
    proxy.inject("DELETE", CLIENTS, 2..=2, Fault::status(404));
    let error = super::refused(manager.delete_client_by_uuid(&client.uuid).allow_builtin(true).await)?;
    assert!(!error.is_not_found(), "{error}");
    assert_eq!(proxy.count("DELETE", CLIENTS), 2);
    Ok(())
}

#[tokio::test]
async fn an_update_is_repeated() -> Result<()> {
    let replay = tireless("register-other-secret").await?;
    let proxy = FaultProxy::start(&replay.host()).await?;
    proxy.inject("PUT", CLIENTS, 1..=1, Fault::Lose);
    let manager = connect(proxy.host()).build()?;
    let secret = SecretString::from("another secret");
    let client = manager.register_client("svc").secret(secret).roles(Roles::None).await?;
    assert!(!client.created);
    assert_eq!(client.secret.as_ref().map(ExposeSecret::expose_secret), Some("another secret"));
    assert_eq!(proxy.count("PUT", CLIENTS), 2);
    Ok(())
}

#[tokio::test]
async fn a_mapping_is_repeated() -> Result<()> {
    let replay = tireless("register-named-roles").await?;
    let proxy = FaultProxy::start(&replay.host()).await?;
    proxy.inject("POST", "/role-mappings/realm", 1..=1, Fault::Lose);
    let roles = Roles::named(["insights.query.data"]);
    let client = connect(proxy.host()).build()?.register_client("svc").roles(roles).await?;
    assert_eq!(client.roles_added.realm, ["insights.query.data"]);
    assert_eq!(proxy.count("POST", "/role-mappings/realm"), 2);
    Ok(())
}
