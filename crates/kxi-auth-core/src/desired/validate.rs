//! Rejects, before anything is sent, values that Keycloak silently accepts or fails on without a reason.

use secrecy::{ExposeSecret as _, SecretString};

use crate::error::{Error, excerpt};
use crate::model::fields::TOKEN_LIFESPANS;

/// The longest client ID of a service account: `service-account-` and the ID must fit into the 255 characters of a
/// user name. An ID with 240 characters gets a 500 (observed on Keycloak 26.7.3).
const LONGEST_CLIENT_ID: usize = 239;
/// The longest client ID (observed on Keycloak 26.7.3).
const LONGEST_NAME: usize = 255;
/// The longest path of a group. A name has at most 255 characters (observed on Keycloak 26.7.3); this is room for
/// several.
const LONGEST_GROUP_PATH: usize = 4000;
/// The longest secret. A secret with 256 characters gets a 500 (observed on Keycloak 26.7.3).
const LONGEST_SECRET: usize = 255;

/// The length as the server counts it: characters beyond U+FFFF, such as emoji, count twice. 128 of them get a 500 in
/// a column of 255 (observed on Keycloak 26.7.3).
pub(crate) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Why a text cannot be stored, if it cannot: PostgreSQL has no place for U+0000, and the server responds with a 500
/// without a reason (observed on Keycloak 26.7.3 with PostgreSQL 15; its embedded database stores it).
pub(crate) fn unstorable(text: &str) -> Option<&'static str> {
    text.contains('\0').then_some("contains the character U+0000, which PostgreSQL cannot store")
}

/// Checks a client ID for a lookup. It accepts every ID that can exist, so that every client can be managed.
pub(crate) fn client_id(id: &str) -> Result<(), Error> {
    if id.trim().is_empty() {
        return Err(Error::invalid("client id", "it is blank"));
    }
    let length = length(id);
    if length > LONGEST_NAME {
        let reason = format!("it has {length} characters; a client ID has at most {LONGEST_NAME}");
        return Err(Error::invalid("client id", reason));
    }
    Ok(())
}

/// Checks that a service account can have the client ID.
pub(crate) fn service_account_id(id: &str) -> Result<(), Error> {
    client_id(id)?;
    // The user name is in lower case, which can be longer: `İ` becomes two characters.
    let length = length(&id.to_lowercase());
    if length > LONGEST_CLIENT_ID {
        let reason = format!(
            "it has {length} characters; the client ID of a service account has at most {LONGEST_CLIENT_ID}"
        );
        return Err(Error::invalid("client id", reason));
    }
    Ok(())
}

/// Checks the client ID of a new client.
pub(crate) fn new_client_id(id: &str) -> Result<(), Error> {
    service_account_id(id)?;
    if let Some(control) = id.chars().find(|c| c.is_control()) {
        let reason = format!("it contains the control character {}", control.escape_unicode());
        return Err(Error::invalid("client id", reason));
    }
    Ok(())
}

/// Checks the path of a group: a slash before the names of its parents and its own, such as `/market-data/feeds`. Nothing
/// is sent.
///
/// # Errors
///
/// [`Error::InvalidParameter`] if it does not start with a slash, if a part is blank, `.` or `..`, which no URL can contain
/// (RFC 3986, section 5.2.4), if it has a control character, or more than 4,000 characters.
///
/// # Examples
///
/// ```
/// assert!(kxi_auth_core::check_group_path("/market-data/feeds").is_ok());
/// assert!(kxi_auth_core::check_group_path("market-data").is_err());
/// ```
pub fn check_group_path(path: &str) -> Result<(), Error> {
    let reason = match path.strip_prefix('/') {
        None => "it does not start with a slash",
        Some("") => "it names no group",
        Some(parts) if parts.split('/').any(|part| part.trim().is_empty()) => "a part of it is blank",
        Some(parts) if parts.split('/').any(|part| matches!(part, "." | "..")) => {
            "a URL cannot contain `.` or `..` as a part of it"
        }
        Some(_) if path.chars().any(char::is_control) => "it contains a control character",
        Some(_) if length(path) > LONGEST_GROUP_PATH => "it is too long",
        Some(_) => return Ok(()),
    };
    Err(Error::invalid("group", format!("`{}`: {reason}", excerpt(path))))
}

/// Checks a secret that is to be set.
pub(crate) fn secret(secret: &SecretString) -> Result<(), Error> {
    if let Some(reason) = unstorable(secret.expose_secret()) {
        return Err(Error::invalid("secret", format!("it {reason}")));
    }
    match length(secret.expose_secret()) {
        0 => Err(Error::invalid("secret", "it is empty; the server would let the client sign in with it")),
        length if length > LONGEST_SECRET => {
            let reason = format!("it has {length} characters; the server stores at most {LONGEST_SECRET}");
            Err(Error::invalid("secret", reason))
        }
        _ => Ok(()),
    }
}

/// Checks a token lifespan in seconds. The server stores any value. Beyond 32 bits each token request then fails with a
/// 500; with 0 or less the tokens have expired (observed on Keycloak 26.7.3).
pub(crate) fn token_lifespan(seconds: i64) -> Result<(), Error> {
    if TOKEN_LIFESPANS.contains(&seconds) {
        return Ok(());
    }
    let reason = match seconds {
        ..=0 => format!("with {seconds} s, tokens would be expired when they are issued; use at least 1 s"),
        _ => format!(
            "{seconds} s is too long for the server, so each sign-in would fail; use at most {} s",
            TOKEN_LIFESPANS.end()
        ),
    };
    Err(Error::invalid("token lifespan", reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_client_ids() {
        for good in
            ["svc", "a/b %_+&?#\"'\\<", "..", "Grüße", " spaced ", &"a".repeat(239), &"\u{1F511}".repeat(119)]
        {
            assert!(new_client_id(good).is_ok(), "{good}");
        }
        for bad in
            ["", "  ", "tab\there", "new\nline", &"a".repeat(240), &"\u{1F511}".repeat(120), &"İ".repeat(120)]
        {
            assert!(new_client_id(bad).is_err(), "{bad}");
        }
        assert!(client_id("tab\there").is_ok(), "every client that exists can be managed");
    }

    #[test]
    fn secrets() {
        assert!(secret(&SecretString::from("")).is_err());
        for good in ["é".repeat(255), "\u{1F511}".repeat(127)] {
            assert!(secret(&SecretString::from(good)).is_ok());
        }
        assert!(secret(&SecretString::from("\u{1F511}".repeat(128))).is_err());
        let error = secret(&SecretString::from("xy\0")).unwrap_err().to_string();
        assert!(error.contains("U+0000") && !error.contains("xy"), "{error}");
        let error = secret(&SecretString::from("x".repeat(256))).unwrap_err().to_string();
        assert!(error.contains("256") && !error.contains("xx"), "{error}");
    }

    #[test]
    fn token_lifespans() {
        for good in [1, 300, 2_147_483_647] {
            assert!(token_lifespan(good).is_ok(), "{good}");
        }
        for (bad, reason) in [
            (0, "at least 1 s"),
            (-1, "at least 1 s"),
            (i64::MIN, "at least 1 s"),
            (2_147_483_648, "use at most 2147483647 s"),
            (i64::MAX, "use at most 2147483647 s"),
        ] {
            let error = token_lifespan(bad).unwrap_err().to_string();
            assert!(error.starts_with("invalid token lifespan: ") && error.contains(reason), "{error}");
        }
    }
}
