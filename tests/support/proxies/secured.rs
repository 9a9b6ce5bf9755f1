//! A TLS server in front of a plain one.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// A TLS server in front of a plain one, and the CA that vouches for it.
pub struct Secured {
    /// What a user gives as host.
    pub host: String,
    /// The certificate of the CA, in PEM format.
    pub ca: String,
    task: JoinHandle<()>,
}

impl Secured {
    /// Its certificate is for `name`.
    ///
    /// # Errors
    /// There is no free port, or no certificate can be made.
    pub async fn start(upstream: SocketAddr, name: &str) -> Result<Self> {
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
    ///
    /// # Errors
    /// There is no free port, or no certificate can be made.
    pub async fn by_itself(upstream: SocketAddr, name: &str, until: i32) -> Result<Self> {
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
