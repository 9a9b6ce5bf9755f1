//! Servers with a certificate of an unknown issuer, and servers without TLS.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use kxi_auth_core::{Error, Hint};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::{PROBE, ROLES, connect, refused, roles_behind_faults};

/// What the TLS library says of an unknown issuer, and of another name.
const REASONS: [&str; 2] = if cfg!(feature = "native-tls") {
    ["certificate verify failed", "certificate verify failed"]
} else {
    ["UnknownIssuer", "keycloak.example.com"]
};

/// A TLS server in front of a plain one, and the CA that vouches for it.
struct Secured {
    host: String,
    ca: String,
    task: JoinHandle<()>,
}

impl Secured {
    /// Its certificate is for `name`.
    async fn start(upstream: SocketAddr, name: &str) -> Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // OpenSSL takes a certificate for its own issuer if both have the same name.
        params.distinguished_name.push(DnType::CommonName, "the CA of the tests");
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new([name.to_owned()])?.signed_by(&key, &ca)?;
        Self::serve(upstream, certificate.der(), &key, ca.pem()).await
    }

    /// Its certificate for `name` is signed by itself, that of a CA, and valid until the year `until`.
    async fn by_itself(upstream: SocketAddr, name: &str, until: i32) -> Result<Self> {
        let mut params = CertificateParams::new([name.to_owned()])?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "a server of the tests");
        params.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        Self::serve(upstream, certificate.der(), &key, certificate.pem()).await
    }

    async fn serve(
        upstream: SocketAddr,
        certificate: &CertificateDer<'static>,
        key: &KeyPair,
        ca: String,
    ) -> Result<Self> {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config =
            ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate.clone()], key)?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let host = format!("https://127.0.0.1:{}", listener.local_addr()?.port());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // A client that does not trust the certificate ends the handshake.
                    let mut inside = acceptor.accept(stream).await?;
                    let mut outside = TcpStream::connect(upstream).await?;
                    tokio::io::copy_bidirectional(&mut inside, &mut outside).await
                });
            }
        });
        Ok(Self { host, ca, task })
    }
}

impl Drop for Secured {
    fn drop(&mut self) {
        self.task.abort();
    }
}

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
