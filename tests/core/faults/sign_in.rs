//! A password is sent once and no more after the server refused it.

use anyhow::Result;
use kxi_auth_core::{Error, SecretString};
use kxi_auth_tests::keycloak::crowd::twenty_at_once;
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};

use super::{ROLES, TOKEN, connect, connect_at_auth, refused, roles_behind_faults, tireless};

/// Twenty calls at once and three that follow, each of which fails to sign in.
async fn refused_to_all(proxy: &FaultProxy) -> Result<()> {
    let manager = connect(proxy.host()).build()?;
    for outcome in twenty_at_once(&manager).await {
        let error = refused(outcome)?;
        assert!(matches!(error, Error::TokenRetrieval { .. }), "{error}");
    }
    for _ in 0..3 {
        let error = refused(manager.list_clients().await)?;
        assert!(matches!(error, Error::TokenRetrieval { .. }), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn a_wrong_password_is_sent_once() -> Result<()> {
    let replay = tireless("wrong-password").await?;
    let proxy = FaultProxy::start(&replay.host()).await?;
    refused_to_all(&proxy).await?;
    assert_eq!(proxy.count("POST", TOKEN), 1);
    Ok(())
}

#[tokio::test]
async fn a_gateways_status_is_no_refusal_and_not_remembered() -> Result<()> {
    for status in [400, 401, 403, 404, 429, 500] {
        let (_replay, proxy) = roles_behind_faults().await?;
        let page = Fault::status(status).with_header("server", "gateway/1.0");
        proxy.inject("POST", TOKEN, .., page);
        let manager = connect(proxy.host()).retries(1).build()?;
        for outcome in twenty_at_once(&manager).await {
            let error = refused(outcome)?;
            assert!(error.is_unavailable() && !error.is_unauthorized(), "{error}");
            let said = error.to_string();
            assert!(said.contains("server `gateway/1.0`") && said.contains(&status.to_string()), "{said}");
        }
        assert_eq!(proxy.count("POST", TOKEN), 2, "one sign-in for all, and its retry: {status}");
        proxy.heal();
        assert!(manager.all_roles().await.is_ok(), "{status}");
    }
    Ok(())
}

#[tokio::test]
async fn one_page_of_a_gateway_does_not_end_a_sign_in() -> Result<()> {
    for status in [200, 400, 401, 403, 404, 429, 500] {
        let (_replay, proxy) = roles_behind_faults().await?;
        proxy.inject("POST", TOKEN, 1..=1, Fault::status(status));
        assert!(connect(proxy.host()).build()?.all_roles().await.is_ok(), "{status}");
        assert_eq!(proxy.count("POST", TOKEN), 2, "{status}");
    }
    Ok(())
}

#[tokio::test]
async fn a_gateways_status_to_a_clients_sign_in_says_nothing_about_its_secret() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    let manager = connect_at_auth(proxy.host()).build()?;
    for status in [401, 403, 429] {
        proxy.inject("POST", TOKEN, .., Fault::retry_after(status, "3600"));
        let error = refused(manager.client_token("svc", &SecretString::from("the secret")).await)?;
        assert!(error.is_unavailable() && !error.is_unauthorized(), "{error}");
        proxy.heal();
    }
    Ok(())
}

#[tokio::test]
async fn a_wrong_password_is_sent_once_although_its_first_answer_was_a_503() -> Result<()> {
    let replay = tireless("wrong-password").await?;
    let proxy = FaultProxy::start(&replay.host()).await?;
    proxy.inject("POST", TOKEN, 1..=1, Fault::status(503));
    refused_to_all(&proxy).await?;
    assert_eq!(proxy.count("POST", TOKEN), 2, "only the 503 is retried");
    Ok(())
}

#[tokio::test]
async fn a_password_that_is_changed_meanwhile_is_sent_once() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    let manager = connect_at_auth(proxy.host()).build()?;
    manager.all_roles().await?;
    let expired = r#"{"error":"HTTP 401 Unauthorized"}"#;
    let refusal = r#"{"error":"invalid_grant","error_description":"Invalid user credentials"}"#;
    proxy.inject("GET", ROLES, .., Fault::answer(401, "application/json", expired));
    proxy.inject("POST", TOKEN, .., Fault::answer(400, "application/json", refusal));
    for _ in 0..3 {
        let error = refused(manager.all_roles().await)?;
        assert!(matches!(error, Error::TokenRetrieval { .. }), "{error}");
    }
    assert_eq!(proxy.count("POST", TOKEN), 2, "the first one, and one that was refused");
    Ok(())
}

#[tokio::test]
async fn a_token_that_is_never_accepted_is_renewed_once_a_call() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    let expired = r#"{"error":"HTTP 401 Unauthorized"}"#;
    proxy.inject("GET", ROLES, .., Fault::answer(401, "application/json", expired));
    let error = refused(connect_at_auth(proxy.host()).build()?.all_roles().await)?;
    assert!(matches!(error, Error::Unauthorized { .. }), "{error}");
    assert_eq!((proxy.count("POST", TOKEN), proxy.count("GET", ROLES)), (2, 2));
    Ok(())
}
