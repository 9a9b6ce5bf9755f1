//! Target: the values of settings.

use kxi_auth_core::reqwest::Url;

use super::{MARKER, is_fit};
use crate::secrets::{proxy_without_credentials, without_credentials};
use crate::settings::{is_plain_http_elsewhere, retries, seconds};

/// Numbers, addresses and proxies.
pub(super) fn settings(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // A parser of URLs skips white space, and reads some parts in lower case.
    if text.replace(char::is_whitespace, "").to_lowercase().contains(MARKER) {
        return;
    }
    match seconds("timeout", text) {
        Ok(duration) => assert!(!duration.is_zero() && duration.as_secs() <= 86_400, "{duration:?}"),
        Err(failure) => is_fit(&failure, text.len()),
    }
    match retries(text) {
        Ok(retries) => assert!(retries <= 100),
        Err(failure) => is_fit(&failure, text.len()),
    }
    passwords_are_masked(text);
    let elsewhere = is_plain_http_elsewhere(text, None);
    if let Ok(url) = Url::parse(text) {
        let local = url.host_str().is_some_and(|host| {
            let is_loopback = |address: std::net::IpAddr| address.is_loopback();
            let address = host.trim_matches(['[', ']']).parse();
            host == "localhost" || host.ends_with(".localhost") || address.is_ok_and(is_loopback)
        });
        assert!(!elsewhere || !local, "{url} is this machine");
        assert!(elsewhere || local || url.scheme() != "http", "{url} is sent in plain text");
    }
}

/// Wherever a password is in an address, it is not shown.
fn passwords_are_masked(text: &str) {
    let insert = |at: usize, word: &str| format!("{}{word}{}", &text[..at], &text[at..]);
    let places = text.char_indices().map(|(at, _)| at).take(16);
    for address in places.map(|at| insert(at, &format!("u:{MARKER}@"))) {
        let has_password = |url: &Url| url.password().is_some_and(|password| password.contains(MARKER));
        if Url::parse(&address).is_ok_and(|url| has_password(&url)) {
            let shown = without_credentials(&address);
            assert!(!shown.contains(MARKER), "a password is shown: {shown}");
        }
        let shown = proxy_without_credentials(&address);
        assert!(!shown.contains(MARKER), "a password of a proxy is shown: {shown}");
    }
}
