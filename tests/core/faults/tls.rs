//! Servers with a certificate of an unknown issuer, and servers without TLS.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use kxi_auth_core::{Error, Hint};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

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
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
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
        Ok(Self { host, ca: ca.pem(), task })
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
    assert_eq!(proxy.count("GET", PROBE), 0);
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
