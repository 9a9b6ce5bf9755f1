//! The server's message in a response, and what some messages mean.

use reqwest::StatusCode;
use serde::Deserialize;

use crate::error::plain;

/// The admin API's message if the realm does not exist.
pub(crate) const REALM_NOT_FOUND: &str = "Realm not found.";

/// The admin API's messages if a client, a user, a group or the role of an ID does not exist, for every method (observed on
/// Keycloak 22.0.5, 26.0.8 and 26.7.3). A server without the admin API says `Unable to find matching target resource
/// method`, and a path that it does not know is `HTTP 404 Not Found`.
pub(crate) const CLIENT_NOT_FOUND: &str = "Could not find client";
pub(crate) const USER_NOT_FOUND: &str = "User not found";
pub(crate) const GROUP_NOT_FOUND: [&str; 3] =
    ["Group not found", "Could not find group by id", "Group path does not exist"];
pub(crate) const ROLE_NOT_FOUND: &str = "Could not find role with id";

/// The message to a mapping of client roles whose client does not exist (observed on Keycloak 26.7.3).
pub(crate) const ROLES_CLIENT_GONE: &str = "Client not found";

/// Keycloak's message outside the admin API if the realm does not exist. The base path is correct then.
pub(crate) const REALM_DOES_NOT_EXIST: &str = "Realm does not exist";

/// The longest message that is shown.
const MOST: usize = 500;

/// The `error_description` that Keycloak 24.0.5 adds to every `error` of its admin API. It explains nothing.
const NO_DESCRIPTION: &str = "For more on this error consult the server log";

/// The server's message in an error body: `errorMessage`, else `error_description`, else `error`. A gateway's
/// page has none of these.
pub(crate) fn server_words(body: &[u8]) -> Option<String> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Body {
        #[serde(rename = "errorMessage")]
        message: Option<String>,
        error_description: Option<String>,
        error: Option<String>,
    }
    let Body { message, error_description, error } = serde_json::from_slice(body).unwrap_or_default();
    let description = error_description.filter(|words| error.is_none() || !words.starts_with(NO_DESCRIPTION));
    message.or(description).or(error).map(|words| plain(&words, MOST))
}

/// The message for a status without a message from the server.
pub(crate) fn unspoken(status: StatusCode) -> String {
    status.canonical_reason().unwrap_or("no reason given").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_words_come_from_any_of_its_error_forms() {
        for (body, words) in [
            (r#"{"errorMessage":"Client x already exists"}"#, Some("Client x already exists")),
            (r#"{"error":"invalid_grant","error_description":"why"}"#, Some("why")),
            (r#"{"error":"HTTP 401 Unauthorized"}"#, Some("HTTP 401 Unauthorized")),
            (
                r#"{"error":"Realm not found.","error_description":"For more on this error consult the server log at the debug level."}"#,
                Some(REALM_NOT_FOUND),
            ),
            ("<html>", None),
        ] {
            assert_eq!(server_words(body.as_bytes()).as_deref(), words);
        }
    }

    #[test]
    fn the_servers_words_are_safe_for_a_terminal() {
        let words = server_words(b"{\"error\":\"a\\u001b[31m\\nb\"}").unwrap();
        assert_eq!(words, "a\\u{1b}[31m\\u{a}b");
        let long = format!("{{\"error\":\"{}\"}}", "x".repeat(9000));
        assert_eq!(server_words(long.as_bytes()).unwrap().len(), 500);
    }
}
