//! Servers with a certificate of an unknown issuer, and servers without TLS.

use anyhow::Result;
use kxi_auth_core::{Error, Hint};
use kxi_auth_tests::proxies::secured::Secured;

use super::{PROBE, ROLES, connect, refused, roles_behind_faults};

/// What the TLS library says of an unknown issuer, and of another name.
const REASONS: [&str; 2] = if cfg!(feature = "native-tls") {
    ["certificate verify failed", "certificate verify failed"]
} else {
    ["UnknownIssuer", "keycloak.example.com"]
};

#[tokio::test]
async fn an_untrusted_certificate_is_told_with_its_remedy() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    let secured = Secured::start(proxy.address(), "127.0.0.1").await?;
    let error = refused(connect(&secured.host).build()?.all_roles().await)?;
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(&secured.host) && text.contains(REASONS[0]), "{text}");
    assert_eq!(error.hint(), Some(Hint::TrustCertificate));
    assert_eq!(proxy.count("GET", PROBE), 0);
    Ok(())
}

#[tokio::test]
async fn a_certificate_of_a_ca_that_is_given_is_trusted() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    let secured = Secured::start(proxy.address(), "127.0.0.1").await?;
    let manager = connect(&secured.host).ca_certificate(secured.ca.clone()).build()?;
    assert!(!manager.all_roles().await?.is_empty());
    assert_eq!(proxy.count("GET", ROLES), 1);
    Ok(())
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_trusted() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    let secured = Secured::start(proxy.address(), "keycloak.example.com").await?;
    let manager = connect(&secured.host).ca_certificate(secured.ca.clone()).build()?;
    let error = refused(manager.all_roles().await)?;
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
    assert!(error.to_string().contains(REASONS[1]), "{error}");
    assert_eq!(error.hint(), Some(Hint::CheckCertificateName), "{error}");
    assert_eq!(proxy.count("GET", PROBE), 0);
    Ok(())
}

#[tokio::test]
async fn a_servers_own_ca_certificate_is_trusted_if_it_is_given() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    let secured = Secured::by_itself(proxy.address(), "127.0.0.1", 4096).await?;
    let manager = connect(&secured.host).ca_certificate(secured.ca.clone()).build()?;
    assert!(!manager.all_roles().await?.is_empty());
    assert_eq!(proxy.count("GET", ROLES), 1);
    let error = refused(connect(&secured.host).build()?.all_roles().await)?;
    assert_eq!(error.hint(), Some(Hint::TrustCertificate), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_servers_own_ca_certificate_is_not_trusted_by_its_name_for_another_name_or_after_its_end()
-> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    let server = |name: &'static str, until| Secured::by_itself(proxy.address(), name, until);
    let (one, other) = (server("127.0.0.1", 4096).await?, server("127.0.0.1", 4096).await?);
    let (elsewhere, expired) =
        (server("keycloak.example.com", 4096).await?, server("127.0.0.1", 2020).await?);
    for (secured, given, expected) in [
        // It has the same name, and another key.
        (&one, &other.ca, Hint::CheckCaCertificate),
        (&elsewhere, &elsewhere.ca, Hint::CheckCertificateName),
        (&expired, &expired.ca, Hint::RenewCertificate),
    ] {
        let manager = connect(&secured.host).ca_certificate(given.clone()).build()?;
        let error = refused(manager.all_roles().await)?;
        assert!(matches!(error, Error::Tls { .. }), "{error:?}");
        assert_eq!(error.hint(), Some(expected), "{error}");
    }
    assert_eq!(proxy.count("GET", PROBE), 0);
    Ok(())
}

#[tokio::test]
async fn a_ca_certificate_that_is_given_is_not_asked_for_again() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    let secured = Secured::start(proxy.address(), "127.0.0.1").await?;
    let other = Secured::by_itself(proxy.address(), "127.0.0.1", 4096).await?;
    let manager = connect(&secured.host).ca_certificate(other.ca.clone()).build()?;
    let error = refused(manager.all_roles().await)?;
    assert_eq!(error.hint(), Some(Hint::CheckCaCertificate), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_server_that_speaks_plain_http_is_told() -> Result<()> {
    let (replay, _proxy) = roles_behind_faults().await?;
    let host = replay.host().replace("http://", "https://");
    let error = refused(connect(host).build()?.all_roles().await)?;
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
    assert_eq!(error.hint(), Some(Hint::CheckScheme), "{error}");
    Ok(())
}
