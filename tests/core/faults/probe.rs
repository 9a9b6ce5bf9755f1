//! Finding Keycloak below its host: what proves nothing is an error and is not remembered.

use anyhow::Result;
use kxi_auth_core::{ClientManagerBuilder, Error};
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};

use super::{PROBE, connect, refused, roles_behind_faults, tireless};

#[tokio::test]
async fn what_proves_nothing_is_an_error_and_not_remembered() -> Result<()> {
    let console = "<html><body>a console</body></html>";
    for (fault, words) in [
        (Fault::status(503), "503"),
        (Fault::answer(200, "text/html", console), "responded with 200, but is not Keycloak"),
        (Fault::answer(404, "text/html", console), "responded with 404"),
        (Fault::answer(404, "application/json", r#"{"error":"no route"}"#), "responded with 404"),
        (Fault::redirect(302, "/login"), "redirected (302)"),
        (Fault::status(500), "responded with 500"),
    ] {
        let (_replay, proxy) = roles_behind_faults().await?;
        proxy.inject("GET", PROBE, .., fault.clone());
        let manager = connect(proxy.host()).retries(0).build()?;
        let error = refused(manager.all_roles().await)?;
        let kind = matches!(error, Error::EndpointNotFound { .. } | Error::Server { status: 500 | 503, .. });
        assert!(kind && error.is_unavailable(), "{fault:?}: {error:?}");
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(proxy.count("POST", "/"), 0, "no password is sent to what may not be Keycloak");
        proxy.heal();
        assert!(!manager.all_roles().await?.is_empty(), "{fault:?}");
    }
    Ok(())
}

/// A gateway's page, with what names it.
fn page(status: u16) -> Fault {
    let page = "<html><head><title>Out of order</title></head></html>";
    Fault::answer(status, "text/html", page).with_header("server", "gateway/1.0")
}

#[tokio::test]
async fn one_page_of_a_gateway_is_no_missing_keycloak() -> Result<()> {
    for status in [200, 400, 403, 404, 500] {
        for base_path in [None, Some("/auth")] {
            let (_replay, proxy) = roles_behind_faults().await?;
            // Both addresses of the search, or the one that the caller set.
            proxy.inject("GET", PROBE, if base_path.is_none() { 1..=2 } else { 1..=1 }, page(status));
            let builder = connect(proxy.host());
            let builder = base_path.into_iter().fold(builder, ClientManagerBuilder::base_path);
            let exists = builder.build()?.realm_exists().await;
            assert!(exists.is_ok_and(|exists| exists), "{status} {base_path:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_keycloak_is_asked_once_more_and_named() -> Result<()> {
    for status in [403, 404, 500] {
        let (_replay, proxy) = roles_behind_faults().await?;
        proxy.inject("GET", PROBE, .., page(status));
        let error = refused(connect(proxy.host()).build()?.all_roles().await)?;
        assert!(error.is_unavailable(), "{error}");
        let named = "(text/html, title `Out of order`, server `gateway/1.0`)";
        assert!(
            error.to_string().contains(named) && error.to_string().contains(&status.to_string()),
            "{error}"
        );
        assert_eq!(proxy.count("GET", PROBE), 4, "twice at each address");
    }
    Ok(())
}

#[tokio::test]
async fn keycloak_below_auth_is_found_behind_a_root_that_is_away() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    for status in [502, 503, 504, 500, 302] {
        proxy.inject("GET", PROBE, 1..=1, Fault::status(status));
        assert!(!connect(proxy.host()).retries(0).build()?.all_roles().await?.is_empty(), "{status}");
        proxy.heal();
    }
    Ok(())
}

#[tokio::test]
async fn keycloak_at_the_root_is_waited_for() -> Result<()> {
    let replay = tireless("role-list-at-root").await?;
    let proxy = FaultProxy::start(&replay.host()).await?;
    proxy.inject("GET", PROBE, 1..=1, Fault::status(503));
    // A gateway in front of a Keycloak at the root has nothing below /auth.
    proxy.inject("GET", "/auth/", .., Fault::status(404));
    assert!(!connect(proxy.host()).build()?.all_roles().await?.is_empty());
    assert_eq!(proxy.count("GET", "/auth/"), 1);
    Ok(())
}
