//! Redirects are never followed: a sign-in page must not pass for an answer, nor a password travel on.

use anyhow::Result;
use kxi_auth_core::{ClientManager, Error};
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use kxi_auth_tests::recordings::stand_in::REALM;

use super::{PROBE, ROLES, TOKEN, connect, refused, roles_behind_faults};

#[tokio::test]
async fn no_redirect_is_followed() -> Result<()> {
    for (method, path) in [("GET", PROBE), ("POST", TOKEN), ("GET", ROLES)] {
        // A 307 would take the body, and with it the password, along.
        for status in [302, 307] {
            let (replay, proxy) = roles_behind_faults().await?;
            let elsewhere = FaultProxy::start(&replay.host()).await?;
            let to = format!("{}/elsewhere", elsewhere.host());
            proxy.inject(method, path, .., Fault::redirect(status, &to));
            let error = refused(connect(proxy.host()).build()?.all_roles().await)?;
            assert!(error.to_string().contains(&status.to_string()), "{error}");
            let kind = match path {
                PROBE => matches!(error, Error::EndpointNotFound { .. }),
                TOKEN => matches!(error, Error::Protocol { .. }),
                _ => matches!(error, Error::NotKeycloak { .. }),
            };
            assert!(kind, "{path}: {error:?}");
            assert_eq!(elsewhere.connections(), 0, "{path}: {status}");
            assert_eq!(proxy.count("POST", TOKEN), usize::from(path != PROBE));
            assert_eq!(proxy.count("GET", "/elsewhere") + proxy.count("POST", "/elsewhere"), 0);
        }
    }
    Ok(())
}

#[tokio::test]
async fn not_even_within_the_server() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    proxy.inject("GET", ROLES, .., Fault::redirect(302, "/elsewhere"));
    refused(connect(proxy.host()).build()?.all_roles().await)?;
    assert_eq!(proxy.count("GET", "/elsewhere"), 0);
    Ok(())
}

/// A session's client follows redirects unless it is set not to; what it brings back from elsewhere
/// must not pass for the address that was asked.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a client that follows redirects is what is wanted")]
async fn a_session_that_follows_them_is_told_so() -> Result<()> {
    let (replay, proxy) = roles_behind_faults().await?;
    let elsewhere = FaultProxy::start(&replay.host()).await?;
    let to = format!("{}/auth/realms/insights", elsewhere.host());
    proxy.inject("GET", PROBE, .., Fault::redirect(302, &to));
    let session = ClientManager::builder().host(proxy.host()).realm(REALM).session(reqwest::Client::new());
    let error = refused(session.build()?.all_roles().await)?;
    assert!(matches!(error, Error::Protocol { .. }), "{error:?}");
    assert!(error.to_string().contains("redirect::Policy::none()"), "{error}");
    assert_eq!((elsewhere.connections(), proxy.count("GET", ROLES)), (1, 0));
    Ok(())
}
