//! Turns a transport failure into an error: a timeout, a TLS failure or a failed connection.

use std::time::Duration;

use crate::error::{Cause, Error, Hint, RequestLine};

/// Maps a transport failure to an error. The URL is removed from the cause, because the request line shows
/// it.
pub(crate) fn transport_error(
    request: RequestLine,
    host: &str,
    timeout: Duration,
    cause: reqwest::Error,
) -> Error {
    if cause.is_timeout() {
        return Error::Timeout { request, timeout };
    }
    let cause = cause.without_url();
    let (host, reason, tls) = (host.to_owned(), innermost(&cause), is_tls(&cause));
    let source = Some(Cause::new(cause));
    if tls {
        let hint = Some(if speaks_no_tls(&reason) { Hint::CheckScheme } else { Hint::TrustCertificate });
        Error::Tls { request, host, reason, hint, source }
    } else {
        Error::Connection { request, host, reason, source }
    }
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
fn is_tls(error: &reqwest::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if text.contains("invalid peer certificate") || text.contains("certificate verify failed") {
            return true;
        }
        if speaks_no_tls(&text) || text.contains("received fatal alert") || text.contains("corrupt message") {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Whether the library reports that the first bytes of the response are not TLS. They are usually plain HTTP.
fn speaks_no_tls(text: &str) -> bool {
    text.contains("InvalidContentType") || text.contains("wrong version number")
}
