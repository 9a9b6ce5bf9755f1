//! What Keycloak accepts in silence, or fails on without a word, is refused here before anything is sent.

use secrecy::{ExposeSecret as _, SecretString};

use crate::error::Error;
use crate::model::fields::TOKEN_LIFESPANS;

/// The longest client id that can have a service account: `service-account-` and the id must fit
/// into the 255 characters of a user name (240 was seen to be a 500 on 26.7.3).
const LONGEST_CLIENT_ID: usize = 239;
/// The longest secret: 256 characters were seen to be a 500 on 26.7.3.
const LONGEST_SECRET: usize = 255;

/// How many characters the server counts: those beyond U+FFFF, such as emoji, twice. 128 of them in a
/// column of 255 were seen to be a 500 on 26.7.3.
pub(crate) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// A client id as a lookup takes it: whatever exists must stay manageable.
pub(crate) fn client_id(id: &str) -> Result<(), Error> {
    if id.trim().is_empty() {
        return Err(Error::invalid("client id", "it is blank"));
    }
    Ok(())
}

/// A client id that a service account can have.
pub(crate) fn service_account_id(id: &str) -> Result<(), Error> {
    client_id(id)?;
    // Its user name is in lower case, which can be longer: `İ` becomes two characters.
    let length = length(&id.to_lowercase());
    if length > LONGEST_CLIENT_ID {
        let reason =
            format!("it has {length} characters, a service account's id has at most {LONGEST_CLIENT_ID}");
        return Err(Error::invalid("client id", reason));
    }
    Ok(())
}

/// A client id that is given to a new client.
pub(crate) fn new_client_id(id: &str) -> Result<(), Error> {
    service_account_id(id)?;
    if let Some(control) = id.chars().find(|c| c.is_control()) {
        let reason = format!("it holds the control character {}", control.escape_unicode());
        return Err(Error::invalid("client id", reason));
    }
    Ok(())
}

/// A secret that a client can be given.
pub(crate) fn secret(secret: &SecretString) -> Result<(), Error> {
    match length(secret.expose_secret()) {
        0 => {
            Err(Error::invalid("secret", "it is empty, and the server would let the client sign in with it"))
        }
        length if length > LONGEST_SECRET => {
            let reason = format!("it has {length} characters, the server stores at most {LONGEST_SECRET}");
            Err(Error::invalid("secret", reason))
        }
        _ => Ok(()),
    }
}

/// A lifespan of access tokens in seconds. The server stores any, and then fails with a 500 on every
/// token request (beyond 32 bits), or issues tokens that are dead (0 and less); seen on 26.7.3.
pub(crate) fn token_lifespan(seconds: i64) -> Result<(), Error> {
    if TOKEN_LIFESPANS.contains(&seconds) {
        return Ok(());
    }
    let reason = match seconds {
        ..=0 => format!("{seconds} s would give tokens that have expired already; it must be at least 1 s"),
        _ => format!(
            "{seconds} s is more than the server can count, every sign-in would fail; the most is \
             {} s",
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
        assert!(client_id("tab\there").is_ok(), "what exists must stay manageable");
    }

    #[test]
    fn secrets() {
        assert!(secret(&SecretString::from("")).is_err());
        for good in ["é".repeat(255), "\u{1F511}".repeat(127)] {
            assert!(secret(&SecretString::from(good)).is_ok());
        }
        assert!(secret(&SecretString::from("\u{1F511}".repeat(128))).is_err());
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
            (2_147_483_648, "the most is 2147483647 s"),
            (i64::MAX, "the most is 2147483647 s"),
        ] {
            let error = token_lifespan(bad).unwrap_err().to_string();
            assert!(error.starts_with("invalid token lifespan: ") && error.contains(reason), "{error}");
        }
    }
}
