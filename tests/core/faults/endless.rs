//! Bodies without an end, and contents that are much larger once they are decoded.

use anyhow::Result;
use kxi_auth_core::{Error, Hint};
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};

use super::{PROBE, ROLES, TOKEN, connect, connect_at_auth, refused, roles_behind_faults, tireless};

const CLIENTS: &str = "/admin/realms/insights/clients";
const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn a_body_without_an_end_is_an_error_that_names_the_limit() -> Result<()> {
    for (method, path, limit) in [("GET", PROBE, MIB), ("POST", TOKEN, MIB), ("GET", ROLES, 16 * MIB)] {
        let (_replay, proxy) = roles_behind_faults().await?;
        proxy.inject(method, path, .., Fault::Endless(200, " "));
        let error = refused(connect(proxy.host()).build()?.all_roles().await)?;
        let Error::ResponseTooLarge { limit: named, decoded, .. } = error else { panic!("{error}") };
        assert_eq!((named, decoded), (limit, false), "{path}");
        assert!(error.to_string().contains(&format!("longer than {} MiB", limit / MIB)), "{error}");
        assert_eq!(error.hint(), Some(Hint::RaiseResponseLimit));
        assert!(error.request().is_some_and(|request| request.path.contains(path)), "{error}");
        assert_eq!(proxy.count(method, path), 1, "it is not read again");
    }
    Ok(())
}

#[tokio::test]
async fn a_client_without_an_end_is_an_error_and_a_list_of_them_too() -> Result<()> {
    let replay = tireless("client-list").await?;
    let proxy = FaultProxy::start(&replay.host()).await?;
    proxy.inject("GET", CLIENTS, .., Fault::Endless(200, "x"));
    let manager = connect(proxy.host()).build()?;
    for (outcome, said) in [
        (manager.get_client("svc").await.map(drop), "longer than 1 MiB"),
        (manager.list_clients().await.map(drop), "longer than 16 MiB"),
        (manager.list_clients().details().await.map(drop), "longer than 16 MiB"),
    ] {
        let error = refused(outcome)?;
        assert!(error.to_string().contains(said), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn of_an_error_without_an_end_the_status_counts() -> Result<()> {
    for (method, path) in [("GET", PROBE), ("POST", TOKEN), ("GET", ROLES)] {
        for status in [400, 404, 500] {
            let (_replay, proxy) = roles_behind_faults().await?;
            proxy.inject(method, path, .., Fault::Endless(status, "x"));
            let error = refused(connect(proxy.host()).retries(0).build()?.all_roles().await)?;
            assert!(error.to_string().contains(&status.to_string()), "{path} {status}: {error}");
            assert!(!error.is_not_found(), "{path} {status}: {error}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn content_that_grows_when_it_is_decoded_is_an_error() -> Result<()> {
    for text in ["[],", "{},", "[1],", r#"{"a":1},"#, r#"{"a":{"b":[1]}},"#, "1,"] {
        let (_replay, proxy) = roles_behind_faults().await?;
        let body = format!("[{}{{}}]", text.repeat(2 * MIB / text.len()));
        proxy.inject("GET", ROLES, .., Fault::answer(200, "application/json", &body));
        let error = refused(connect_at_auth(proxy.host()).build()?.all_roles().await)?;
        assert!(matches!(error, Error::ResponseTooLarge { decoded: true, .. }), "{text}: {error}");
        assert!(error.to_string().contains("takes more than 48 MiB of memory"), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn the_limit_can_be_raised_and_lowered() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    let description = "x".repeat(2 * MIB);
    let body = format!(r#"[{{"id":"r","name":"reader","description":"{description}"}}]"#);
    proxy.inject("GET", ROLES, .., Fault::answer(200, "application/json", &body));
    let manager = |limit| connect_at_auth(proxy.host()).response_limit(limit).build();
    let error = refused(manager(MIB)?.all_roles().await)?;
    assert!(matches!(error, Error::ResponseTooLarge { limit: MIB, .. }), "{error}");
    assert_eq!(manager(3 * MIB)?.all_roles().await?.len(), 1);
    let error = refused(manager(MIB - 1))?;
    assert!(error.is_usage() && error.to_string().contains("1 MiB"), "{error}");
    Ok(())
}
