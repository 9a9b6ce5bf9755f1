use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, RequestLine};

/// The transport's error behind an [`Error`], told by its [`source`](std::error::Error::source). It is
/// shared: an error is handed to every caller that waited for the same sign-in.
///
/// # Examples
///
/// ```
/// fn chain(error: &kxi_auth_core::Error) -> String {
///     let mut text = error.to_string();
///     let mut cause = std::error::Error::source(error);
///     while let Some(next) = cause {
///         text += &format!(": {next}");
///         cause = next.source();
///     }
///     text
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Cause(Arc<dyn std::error::Error + Send + Sync>);

impl Cause {
    /// Whether no connection was made, so that nothing can have been sent.
    pub(crate) fn is_connect(&self) -> bool {
        self.0.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_connect)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl Error {
    /// Maps a transport failure. The URL is taken out of the cause: its place is the request line.
    pub(crate) fn transport(
        request: RequestLine,
        host: &str,
        timeout: Duration,
        cause: reqwest::Error,
    ) -> Self {
        if cause.is_timeout() {
            return Self::Timeout { request, timeout };
        }
        let cause = cause.without_url();
        let (host, reason, tls) = (host.to_owned(), innermost(&cause), is_tls(&cause));
        let source = Some(Cause(Arc::new(cause)));
        if tls {
            let reason = format!("{reason}; {}", tls_remedy(&reason));
            Self::Tls { request, host, reason, source }
        } else {
            Self::Connection { request, host, reason, source }
        }
    }
}

/// The last cause of a chain: "connection refused" says more than "error sending request".
pub(crate) fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string()
}

/// Whether a handshake failed. Both TLS libraries come wrapped in I/O errors; rustls says what it is,
/// of OpenSSL there is the text alone.
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

/// What the libraries say when the first bytes of an answer are no TLS, but plain HTTP as a rule.
fn speaks_no_tls(text: &str) -> bool {
    text.contains("InvalidContentType") || text.contains("wrong version number")
}

fn tls_remedy(reason: &str) -> &'static str {
    if speaks_no_tls(reason) {
        "the server may speak plain HTTP there: check the port, or start the address with http://"
    } else {
        "if its certificate is from a CA of your own, give that"
    }
}
