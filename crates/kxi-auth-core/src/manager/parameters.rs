//! Checks the parameters of a manager before anything is sent.

use std::time::Duration;

use url::Url;

use crate::error::Error;
use crate::transport::budget::SHORT;

pub(super) fn required<T>(
    value: Option<T>,
    parameter: &'static str,
    variable: &'static str,
) -> Result<T, Error> {
    value.ok_or(Error::MissingParameter { parameter, variable })
}

/// Checks a base URL and removes trailing slashes, because Keycloak responds to a double slash with 400
/// `missingNormalization` (observed on Keycloak 26.7.3).
pub(super) fn host(parameter: &'static str, given: &str) -> Result<String, Error> {
    let url = Url::parse(given).map_err(|error| {
        let hint = if given.contains("://") { "" } else { "; start it with https://" };
        Error::invalid(parameter, format!("it is not a URL ({error}){hint}"))
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        let reason = format!("the scheme `{}` is not supported; start it with https://", url.scheme());
        return Err(Error::invalid(parameter, reason));
    }
    if !url.has_host() {
        return Err(Error::invalid(parameter, "it has no host name"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let reason = "it contains credentials; pass the user name and the password as separate parameters";
        return Err(Error::invalid(parameter, reason));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Error::invalid(parameter, "it has a query or a fragment; pass only the address"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Checks a base path. The result has a leading slash and no trailing slash; for the root it is empty.
pub(super) fn base_path(given: &str) -> Result<String, Error> {
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
pub(super) fn realm(parameter: &'static str, given: &str) -> Result<String, Error> {
    match given {
        blank if blank.trim().is_empty() => Err(Error::invalid(parameter, "it is blank")),
        "." | ".." => Err(Error::invalid(parameter, "a URL cannot contain `.` or `..` as a path segment")),
        // A URL loses some of them.
        name => match name.chars().find(|c| c.is_control()) {
            Some(control) => {
                let reason = format!("it contains the control character {}", control.escape_unicode());
                Err(Error::invalid(parameter, reason))
            }
            None => Ok(name.to_owned()),
        },
    }
}

/// Checks a time limit.
pub(super) fn timeout(parameter: &'static str, given: Duration) -> Result<Duration, Error> {
    if given.is_zero() {
        return Err(Error::invalid(parameter, "it is zero; set at least one second"));
    }
    Ok(given)
}

/// Checks the limit of a response.
pub(super) fn response_limit(given: usize) -> Result<usize, Error> {
    if given < SHORT {
        return Err(Error::invalid(
            "response limit",
            "it is less than 1 MiB, and a page of clients can be longer",
        ));
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
        let control = realm("realm", "insi\tghts").unwrap_err().to_string();
        assert_eq!(control, "invalid realm: it contains the control character \\u{9}");
    }
}
