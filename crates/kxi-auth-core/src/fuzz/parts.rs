//! Targets: parsers that are quicker to reach by themselves.

use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use crate::fuzz::checks::MARKER;
#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
use crate::fuzz::checks::is_fit;
use crate::model::access_token::Claims;
use crate::model::stored_client::fields_size;
use crate::transport::weight::weight;

/// The claims of a token. The input is the payload, in plain JSON or as a whole token.
pub(super) fn claims(data: &[u8]) {
    use base64::Engine as _;
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(data);
    let token = SecretString::from(format!("{MARKER}.{payload}.{MARKER}"));
    let read = Claims::of(&token);
    let json: Option<serde_json::Map<String, Value>> = serde_json::from_slice(data).ok();
    // No server accepts a longer header.
    let is_short = payload.len() <= 64 * 1024;
    assert_eq!(
        read.as_ref().map(Claims::all),
        json.as_ref().filter(|_| is_short),
        "claims are lost or made up"
    );
    let whole = std::str::from_utf8(data).ok().map(SecretString::from);
    for claims in read.iter().chain(&whole.as_ref().and_then(Claims::of)) {
        let again = Claims::new(claims.all().clone());
        assert_eq!(again, *claims, "the same claims are read differently");
        assert!(claims.realm_roles().is_sorted());
        for (client, roles) in claims.client_roles() {
            assert!(roles.iter().all(|role| claims.has_client_role(&client, role)));
        }
        for realm in ["insights", "my realm", &claims.client_id] {
            // An address without a path names no realm.
            let is_address = Url::parse(&claims.issuer).is_ok_and(|url| url.path().len() > 1);
            assert!(is_address || !claims.is_of_realm(realm), "{}", claims.issuer);
        }
    }
}

/// The memory that JSON is estimated to take is not less than what is made of it.
pub(super) fn weighed(data: &[u8]) {
    let estimate = weight(data);
    assert!(estimate <= data.len().saturating_mul(1702), "{estimate} for {} bytes", data.len());
    match serde_json::from_slice::<Value>(data) {
        Ok(Value::Object(fields)) => assert!(fields_size(&fields) <= estimate, "an object of {estimate}"),
        Ok(Value::Array(items)) => {
            let sizes = items.iter().filter_map(Value::as_object).map(fields_size);
            assert!(sizes.sum::<usize>() <= estimate, "a list of {estimate}");
        }
        _ => {}
    }
}

/// The certificates of a file.
#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
pub(super) fn pem(data: &[u8]) {
    use crate::transport::own_certificate::given;

    match given(data) {
        Err(error) => {
            is_fit(&error);
            assert!(error.to_string().len() < 200, "it quotes the file: {error}");
        }
        Ok(certificates) => {
            assert!(!certificates.is_empty(), "no certificate is an error");
            let bytes: usize = certificates.iter().map(|certificate| certificate.len()).sum();
            assert!(bytes <= data.len(), "{bytes} bytes of {}", data.len());
            let mut roots = rustls::RootCertStore::empty();
            let added =
                certificates.into_iter().filter_map(|certificate| roots.add(certificate).ok()).count();
            assert_eq!(added, roots.len());
        }
    }
}

/// The certificate that a server shows: only the one that was given byte for byte is trusted.
#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
pub(super) fn certificate(data: &[u8]) {
    use std::sync::LazyLock;

    use rustls::client::danger::ServerCertVerifier;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

    use crate::transport::own_certificate::{OwnCertificate, given};

    static VERIFIER: LazyLock<Option<(OwnCertificate, CertificateDer<'static>)>> = LazyLock::new(|| {
        let given = given(include_bytes!("own.pem")).ok()?;
        let own = given.first()?.clone();
        Some((OwnCertificate::new(given, OwnCertificate::provider()).ok()?, own))
    });
    let Some((verifier, own)) = VERIFIER.as_ref() else {
        panic!("the certificate of the target is not read")
    };
    let Ok(name) = ServerName::try_from("localhost") else { return };
    let now = UnixTime::since_unix_epoch(std::time::Duration::from_hours(500_000));
    let shown = CertificateDer::from(data);
    let verdict = verifier.verify_server_cert(&shown, &[], &name, &[], now);
    assert_eq!(verdict.is_ok(), shown == *own, "{verdict:?}");
}

/// Nothing of this library parses a certificate then.
#[cfg(not(all(feature = "rustls", not(feature = "native-tls"))))]
pub(super) fn pem(_: &[u8]) {}

/// Nothing of this library parses a certificate then.
#[cfg(not(all(feature = "rustls", not(feature = "native-tls"))))]
pub(super) fn certificate(_: &[u8]) {}
