//! Trusts a server whose own certificate the caller passed as a CA certificate.
//!
//! Test servers often have one self-signed certificate that is a CA certificate and the server's own. OpenSSL, and with
//! it curl and Python, accept it once it is trusted; webpki accepts no CA certificate as the server's. The one that is
//! accepted here is the certificate that was passed, byte for byte. Its name and its validity period are checked.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error as TlsError, SignatureScheme};
use rustls_platform_verifier::Verifier;

use crate::error::Error;

/// What webpki says of a CA certificate that is the server's own. It checks the validity period before this.
const OWN_CA: &str = "CaUsedAsEndEntity";

/// The system's verifier with the caller's certificates.
#[derive(Debug)]
pub(crate) struct OwnCertificate {
    system: Verifier,
    given: Vec<CertificateDer<'static>>,
}

/// The TLS settings of a client that trusts these certificates in addition to the system's.
pub(super) fn tls(pem: &[u8]) -> Result<ClientConfig, Error> {
    let given = given(pem)?;
    let provider = OwnCertificate::provider();
    let verifier = Arc::new(OwnCertificate::new(given, Arc::clone(&provider))?);
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::HttpClient { reason: error.to_string() })?;
    let mut config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The certificates in a file, at least one.
pub(crate) fn given(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let given: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| invalid(fault(&error).to_owned()))?;
    if given.is_empty() {
        return Err(invalid("it contains no certificate in PEM format".to_owned()));
    }
    Ok(given)
}

/// What is wrong with the file. The library's own message quotes it, and it may be a private key.
fn fault(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::MissingSectionEnd { .. } => "a section of the file has no end (`-----END …-----`)",
        pem::Error::IllegalSectionStart { .. } => "the first line of a section is cut (`-----BEGIN …-----`)",
        pem::Error::Base64Decode(_) => "the content of a section is not base64",
        _ => "it is not in PEM format",
    }
}

fn invalid(reason: String) -> Error {
    Error::invalid("CA certificate", reason)
}

impl OwnCertificate {
    pub(crate) fn new(
        given: Vec<CertificateDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        let system = Verifier::new_with_extra_roots(given.clone(), provider)
            .map_err(|error| invalid(error.to_string()))?;
        Ok(Self { system, given })
    }

    /// As in reqwest: the program's provider, if it installed one.
    pub(crate) fn provider() -> Arc<CryptoProvider> {
        CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()))
    }
}

impl ServerCertVerifier for OwnCertificate {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let verdict =
            self.system.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verdict {
            Err(error) if error.to_string().contains(OWN_CA) && self.given.contains(end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.system.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.system.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.system.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_does_not_quote_the_file() {
        for (file, expected) in [
            ("-----BEGIN PRIVATE KEY-----\nhunter2", "has no end"),
            ("-----BEGIN PRIVATE KEY-----hunter2-----END PRIVATE KEY-----", "has no end"),
            ("-----BEGIN hunter2", "is cut"),
            ("-----BEGIN CERTIFICATE-----\nhunter2!\n-----END CERTIFICATE-----\n", "not base64"),
            ("hunter2", "no certificate"),
        ] {
            let error = given(file.as_bytes()).unwrap_err();
            let shown = format!("{error}{error:?}");
            // The bytes of `hunter2`, as the library shows them.
            assert!(!shown.contains("hunter2") && !shown.contains("104, 117, 110"), "{shown}");
            assert!(shown.contains(expected), "{file}: {shown}");
        }
    }
}
