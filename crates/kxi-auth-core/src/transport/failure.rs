//! Turns a transport failure into an error: a timeout, a TLS failure or a failed connection.

use std::time::Duration;

use crate::error::{Cause, Error, Hint, RequestLine};
use crate::transport::connection::Connection;

/// How the caller wants the server to be reached.
#[derive(Debug, Clone, Default)]
pub(crate) struct Route {
    server: String,
    /// Where admin requests go, if that is not the server.
    admin: Option<String>,
    /// The proxy's address without its credentials.
    pub(crate) proxy: Option<String>,
    /// Whether the caller passed CA certificates.
    ca_certificate: bool,
    /// Whether the caller set the address of Keycloak.
    keycloak_url: bool,
    /// Whether the caller set the path of Keycloak.
    base_path: bool,
}

impl Route {
    /// `proxy` is its address without its credentials.
    pub(crate) fn new(connection: &Connection, proxy: Option<String>) -> Self {
        Self {
            server: connection.server.clone(),
            proxy,
            admin: connection.admin_server.clone(),
            ca_certificate: connection.ca_certificate.is_some(),
            keycloak_url: connection.server != connection.host,
            base_path: connection.base_path.is_some(),
        }
    }

    /// The address that the request goes to.
    fn host(&self, request: &RequestLine) -> &str {
        self.own_admin(request).unwrap_or(&self.server)
    }

    /// The address of the Admin API, if it has its own and the request goes there.
    fn own_admin(&self, request: &RequestLine) -> Option<&str> {
        self.admin.as_deref().filter(|_| request.template.starts_with("/admin/"))
    }

    /// The hint for a failed handshake of this request.
    fn tls_hint(&self, request: &RequestLine, said: &str) -> Option<Hint> {
        match tls_hint(said, self.ca_certificate) {
            Some(Hint::CheckCertificateName) if self.own_admin(request).is_some() => {
                Some(Hint::CheckAdminCertificateName)
            }
            hint => hint,
        }
    }

    /// The error if something other than Keycloak responded at `host`.
    pub(crate) fn no_keycloak(&self, host: &str, answers: String) -> Error {
        let hint = match self {
            Self { base_path: true, .. } => Hint::CheckBasePath,
            Self { keycloak_url: true, .. } => Hint::CheckKeycloakUrl,
            _ => Hint::CheckAddress,
        };
        Error::EndpointNotFound { host: host.to_owned(), answers, proxy: self.proxy.clone(), hint }
    }
}

/// Maps a transport failure to an error. The URL is removed from the cause, because the request line shows
/// it.
pub(crate) fn transport_error(
    request: RequestLine,
    route: &Route,
    timeout: Duration,
    cause: reqwest::Error,
) -> Error {
    if cause.is_timeout() {
        return Error::Timeout { request, timeout, proxy: route.proxy.clone() };
    }
    let cause = cause.without_url();
    let (host, reason) = (route.host(&request).to_owned(), innermost(&cause));
    let said = chain(&cause).join(": ");
    let source = Some(Cause::new(cause));
    if is_tls(&said) {
        let hint = route.tls_hint(&request, &said);
        Error::Tls { request, host, reason, hint, source }
    } else {
        Error::Connection { request, host, proxy: route.proxy.clone(), reason, source }
    }
}

/// The message of the error and of each of its causes.
fn chain(error: &dyn std::error::Error) -> Vec<String> {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect()
}

/// The last error of a chain of causes: "connection refused" says more than "error sending request".
pub(crate) fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string()
}

/// Whether the TLS handshake failed. Both TLS libraries wrap their errors in I/O errors, and OpenSSL offers
/// only the text, so the text is compared.
fn is_tls(said: &str) -> bool {
    const WORDS: [&str; 4] =
        ["invalid peer certificate", "certificate verify failed", "received fatal alert", "corrupt message"];
    speaks_no_tls(said) || WORDS.iter().any(|words| said.contains(words))
}

/// Whether the library reports that the first bytes of the response are not TLS. They are usually plain HTTP.
fn speaks_no_tls(said: &str) -> bool {
    said.contains("InvalidContentType") || said.contains("wrong version number")
}

/// What to do about a failed handshake, by the words of rustls and of OpenSSL. `given` is whether the caller passed CA
/// certificates already.
fn tls_hint(said: &str, given: bool) -> Option<Hint> {
    let lower = said.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if speaks_no_tls(said) {
        Some(Hint::CheckScheme)
    } else if says(&["not valid for name", "notvalidforname", "hostname mismatch", "ip address mismatch"]) {
        Some(Hint::CheckCertificateName)
    } else if says(&["not valid yet", "notvalidyet", "not yet valid"]) {
        Some(Hint::CheckClock)
    } else if says(&["expired"]) {
        Some(Hint::RenewCertificate)
    } else if says(&["unknownissuer", "causedasendentity", "self-signed", "self signed", "unable to get"]) {
        Some(if given { Hint::CheckCaCertificate } else { Hint::TrustCertificate })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_of_a_certificate_has_its_own_hint_and_none_repeats_what_is_given() {
        for (said, expected) in [
            ("invalid peer certificate: UnknownIssuer", Some(Hint::CheckCaCertificate)),
            (
                "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))",
                Some(Hint::CheckCaCertificate),
            ),
            (
                "invalid peer certificate: certificate not valid for name \"a\"; certificate is only valid for \
                 DnsName(\"b\")",
                Some(Hint::CheckCertificateName),
            ),
            (
                "invalid peer certificate: certificate expired: verification time 2 (UNIX)",
                Some(Hint::RenewCertificate),
            ),
            (
                "invalid peer certificate: certificate not valid yet: verification time 2",
                Some(Hint::CheckClock),
            ),
            ("received corrupt message of type InvalidContentType", Some(Hint::CheckScheme)),
            (
                "certificate verify failed: self-signed certificate in certificate chain",
                Some(Hint::CheckCaCertificate),
            ),
            (
                "certificate verify failed (unable to get local issuer certificate)",
                Some(Hint::CheckCaCertificate),
            ),
            ("certificate verify failed: (hostname mismatch)", Some(Hint::CheckCertificateName)),
            ("certificate verify failed: certificate has expired", Some(Hint::RenewCertificate)),
            ("certificate verify failed: certificate is not yet valid", Some(Hint::CheckClock)),
            ("wrong version number", Some(Hint::CheckScheme)),
            ("received fatal alert: HandshakeFailure", None),
        ] {
            assert!(is_tls(said), "{said}");
            assert_eq!(tls_hint(said, true), expected, "{said}");
            let without = match expected {
                Some(Hint::CheckCaCertificate) => Some(Hint::TrustCertificate),
                hint => hint,
            };
            assert_eq!(tls_hint(said, false), without, "{said}");
        }
        assert!(!is_tls("connection refused"));
    }

    #[test]
    fn a_certificate_for_another_name_is_a_fault_of_the_address_that_the_request_goes_to() {
        let said = "certificate verify failed: (hostname mismatch)";
        let (admin, token) = (RequestLine::new("GET", "/admin/x", &[]), RequestLine::new("POST", "/x", &[]));
        let route = Route { admin: Some("https://admin".to_owned()), ..Route::default() };
        assert_eq!(route.tls_hint(&admin, said), Some(Hint::CheckAdminCertificateName));
        assert_eq!(route.tls_hint(&token, said), Some(Hint::CheckCertificateName));
        assert_eq!(Route::default().tls_hint(&admin, said), Some(Hint::CheckCertificateName));
    }
}
