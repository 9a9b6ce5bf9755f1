//! Masks secrets.

use kxi_auth_core::proxy_credentials;
use kxi_auth_core::reqwest::Url;

/// Shown in place of a secret.
pub(crate) const MASK: &str = "********";

/// A URL with its user and password masked. Any other text stays as it is.
pub(crate) fn without_credentials(value: &str) -> String {
    let masked = written_with_slashes(value);
    // A URL needs no slashes behind its scheme, and can have backslashes: `https:user:password@host`.
    if let Ok(mut url) = Url::parse(&masked)
        && !matches!((url.username(), url.password()), ("" | MASK, None))
        && url.set_username("").is_ok()
        && url.set_password(None).is_ok()
    {
        return url.as_str().replacen("://", &format!("://{MASK}@"), 1);
    }
    masked
}

fn written_with_slashes(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else { return value.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest.get(..end).and_then(|authority| authority.rfind('@')) {
        Some(at) => format!("{scheme}://{MASK}{}", &rest[at..]),
        None => value.to_owned(),
    }
}

/// A proxy's address with its credentials masked.
pub(crate) fn proxy_without_credentials(value: &str) -> String {
    let mut shown = value.to_owned();
    if let Some(range) = proxy_credentials(value) {
        shown.replace_range(range, MASK);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_a_url_are_masked() {
        assert_eq!(without_credentials("http://u:p@w@proxy:3128/x"), "http://********@proxy:3128/x");
        assert_eq!(without_credentials("http://proxy:3128/a@b"), "http://proxy:3128/a@b");
        for other in [
            "https:u:p@host",
            r"https:\\u:p@host",
            "https:/u:p@host",
            "https:///u:p@host",
            "https:/\t/u:p@host",
        ] {
            assert_eq!(without_credentials(other), "https://********@host/", "{other}");
        }
        assert_eq!(without_credentials("http://u:p@host:port"), "http://********@host:port", "no valid URL");
        assert!(!without_credentials("https:u:p@x://a@b").contains("u:p"));
        assert_eq!(without_credentials("admin@example.com"), "admin@example.com");
        assert_eq!(without_credentials("insights"), "insights");
    }

    #[test]
    fn a_proxy_needs_no_scheme_to_have_credentials() {
        assert_eq!(proxy_without_credentials("u:p@proxy:3128"), "********@proxy:3128");
        assert_eq!(proxy_without_credentials("http://u:p/w@proxy"), "http://********@proxy");
        assert_eq!(proxy_without_credentials(r"http:\\u:p@proxy"), "********@proxy");
        assert_eq!(proxy_without_credentials("http://proxy:3128"), "http://proxy:3128");
        assert_eq!(proxy_without_credentials("u:p://w@proxy"), "********@proxy");
    }
}
