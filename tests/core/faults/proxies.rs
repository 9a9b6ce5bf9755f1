//! The proxy that is set is used, and no other.

use std::process::Command;

use anyhow::Result;
use kxi_auth_core::{ClientManager, Error, Hint, SecretString};
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use kxi_auth_tests::recordings::stand_in::REALM;

use super::{ROLES, connect, refused, roles_behind_faults};

/// A name that no resolver knows (RFC 2606, 2).
const NOWHERE: &str = "http://keycloak.invalid";
const NAME: &str = "faults::proxies::the_environments_proxies_are_not_used";
const SERVER: &str = "KXI_TEST_DIRECT_HOST";

#[tokio::test]
async fn a_proxy_that_is_set_is_used_for_every_request() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    let address = SecretString::from(format!("http://user:the%20secret@{}", proxy.address()));
    let manager = connect(NOWHERE).proxy(address).build()?;
    assert!(!manager.all_roles().await?.is_empty());
    assert_eq!(proxy.count("GET", ROLES), 1);
    assert_eq!(proxy.count("POST", "/token"), 1);
    Ok(())
}

#[tokio::test]
async fn a_proxys_failures_show_nothing_of_its_password() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    let gone = FaultProxy::start(&proxy.host()).await?.address();
    for (address, host) in [(gone, NOWHERE), (gone, "https://keycloak.invalid"), (proxy.address(), NOWHERE)] {
        proxy.inject("GET", "/", .., Fault::status(407));
        let proxy_named = format!("{host} through the proxy http://{address}: ");
        let address = SecretString::from(format!("http://user:the%20secret@{address}"));
        let error = refused(connect(host).retries(0).proxy(address).build()?.all_roles().await)?;
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("the%20secret") && !shown.contains("dXNlcjp0aGUgc2VjcmV0"), "{shown}");
        assert!(matches!(error, Error::Connection { .. } | Error::EndpointNotFound { .. }), "{error}");
        assert!(error.to_string().contains(&proxy_named), "{error}");
        if matches!(error, Error::Connection { .. }) {
            assert_eq!(error.hint(), Some(Hint::CheckProxy), "{error}");
        }
    }
    Ok(())
}

/// The variables are a process's own, so this runs itself once more with them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_environments_proxies_are_not_used() -> Result<()> {
    if let Ok(host) = std::env::var(SERVER) {
        return without_and_with_proxies(&host).await;
    }
    let (_replay, server) = roles_behind_faults().await?;
    let proxy = FaultProxy::start(&server.host()).await?;
    let mut child = Command::new(std::env::current_exe()?);
    child.args(["--exact", NAME, "--nocapture"]).env(SERVER, server.host());
    for variable in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        child.env(variable, proxy.host()).env(variable.to_lowercase(), proxy.host());
    }
    child.env_remove("NO_PROXY").env_remove("no_proxy").env_remove("REQUEST_METHOD");
    let output = tokio::task::spawn_blocking(move || child.output()).await??;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    // The one of the client that reads the variables, which shows that they were set right.
    assert_eq!(proxy.count("GET", "/"), 1);
    assert_eq!((server.count("GET", &format!("/auth{ROLES}")), server.count("POST", "/token")), (1, 1));
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a client that reads the environment is what is wanted")]
async fn without_and_with_proxies(host: &str) -> Result<()> {
    assert!(!connect(host).build()?.all_roles().await?.is_empty());
    let session = ClientManager::builder().host(host).realm(REALM).session(reqwest::Client::new());
    // Without a token it is refused; what counts is which way it went.
    refused(session.base_path("/nowhere").retries(0).build()?.all_roles().await)?;
    Ok(())
}
