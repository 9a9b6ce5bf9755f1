//! The parameters of a connection, checked: where the server is and who signs in.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::error::Error;
use crate::transport::retry::RetryPolicy;

/// Everything that one manager needs to know about its server.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    /// Base URL of the instance, without a trailing slash.
    pub(crate) host: String,
    /// Base URL where Keycloak is looked for: the host, unless it has an address of its own.
    pub(crate) server: String,
    /// The realm that is managed.
    pub(crate) realm: String,
    /// The realm that the admin signs in to.
    pub(crate) admin_realm: String,
    pub(crate) credentials: Credentials,
    /// For one attempt of one request.
    pub(crate) timeout: Duration,
    pub(crate) policy: RetryPolicy,
    /// Replaces the probe: the path below the host where Keycloak is; empty for the root.
    pub(crate) base_path: Option<String>,
    /// Certificates in PEM form, trusted beside the system's.
    pub(crate) ca_certificate: Option<Vec<u8>>,
    /// The proxy's URL, which can hold a password.
    pub(crate) proxy: Option<SecretString>,
    pub(crate) user_agent: String,
    /// Client ids that are guarded beside the known ones.
    pub(crate) builtin: Vec<String>,
    pub(crate) on_write: WriteHook,
    #[cfg_attr(not(feature = "blocking"), expect(dead_code, reason = "only a blocking call asks"))]
    pub(crate) runtime: Runtime,
}

/// What is called before each request that changes something on the server.
#[derive(Clone, Default)]
pub(crate) struct WriteHook(pub(crate) Option<Arc<dyn Fn() + Send + Sync>>);

impl WriteHook {
    pub(crate) fn call(&self) {
        if let Some(hook) = &self.0 {
            hook();
        }
    }
}

impl fmt::Debug for WriteHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "set" } else { "none" })
    }
}

/// Which runtime the connections of a manager belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runtime {
    /// The caller's.
    Callers,
    /// The one behind the blocking calls.
    #[cfg(feature = "blocking")]
    Blocking,
}

/// Who signs in.
#[derive(Debug, Clone)]
pub(crate) enum Credentials {
    /// A user, through `admin-cli` (RFC 6749, 4.3).
    Password { username: String, password: SecretString },
    /// A client with a service account of its own (RFC 6749, 4.4).
    Client { id: String, secret: SecretString },
    /// Nobody: the caller's HTTP client carries what the server wants.
    Session(HttpClient),
}

/// A `reqwest` client whose `Debug` shows nothing: reqwest's own prints default headers, and with them
/// a session's token, and the addresses of proxies, and with them passwords.
#[derive(Clone)]
pub(crate) struct HttpClient(pub(crate) reqwest::Client);

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

/// Checks a base URL and takes its trailing slashes: Keycloak answers a double slash with
/// 400 `missingNormalization` (26.7.3).
pub(crate) fn host(parameter: &'static str, given: &str) -> Result<String, Error> {
    let url = Url::parse(given).map_err(|error| {
        let hint = if given.contains("://") { "" } else { "; start it with https://" };
        Error::invalid(parameter, format!("it is no URL ({error}){hint}"))
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        let reason = format!("the scheme `{}` is not supported; start it with https://", url.scheme());
        return Err(Error::invalid(parameter, reason));
    }
    if !url.has_host() {
        return Err(Error::invalid(parameter, "it names no host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let reason = "it holds credentials; give the user name and the password as parameters of their own";
        return Err(Error::invalid(parameter, reason));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Error::invalid(parameter, "it has a query or a fragment; give the address alone"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Checks a base path and gives it one leading and no trailing slash; the root is empty.
pub(crate) fn base_path(given: &str) -> Result<String, Error> {
    let path = given.trim_matches('/');
    if path.is_empty() {
        return Ok(String::new());
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~/".contains(c);
    if !path.chars().all(plain) || path.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        let reason = "it must be a plain path such as /auth, or / for the root";
        return Err(Error::invalid("base path", reason));
    }
    Ok(format!("/{path}"))
}

/// Checks a realm's name, which becomes a path segment.
pub(crate) fn realm(parameter: &'static str, given: &str) -> Result<String, Error> {
    match given {
        blank if blank.trim().is_empty() => Err(Error::invalid(parameter, "it is blank")),
        "." | ".." => Err(Error::invalid(parameter, "`.` and `..` cannot be addressed in a URL")),
        name => Ok(name.to_owned()),
    }
}

/// Checks the time that one attempt may take.
pub(crate) fn timeout(parameter: &'static str, given: Duration) -> Result<Duration, Error> {
    if given.is_zero() {
        return Err(Error::invalid(parameter, "it is zero; give at least a second"));
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        assert_eq!(host("host", "https://x.example.com//").unwrap(), "https://x.example.com");
        assert_eq!(host("host", "http://127.0.0.1:8080/auth/").unwrap(), "http://127.0.0.1:8080/auth");
        for (bad, word) in [
            ("x.example.com", "https://"),
            ("ftp://x", "ftp"),
            ("https://user:pw@x", "credentials"),
            ("https://x/?a=b", "query"),
        ] {
            let error = host("host", bad).unwrap_err().to_string();
            assert!(error.contains(word) && !error.contains("pw"), "{error}");
        }
    }

    #[test]
    fn base_paths() {
        assert_eq!(base_path("/").unwrap(), "");
        assert_eq!(base_path("auth/").unwrap(), "/auth");
        assert_eq!(base_path("/a/b").unwrap(), "/a/b");
        for bad in ["/../x", "/a//b", "/a?b", "/a b"] {
            assert!(base_path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn realms() {
        assert!(realm("realm", "insights-free.trial").is_ok());
        assert!(realm("realm", " ").is_err());
        assert!(realm("realm", "..").is_err());
    }
}
