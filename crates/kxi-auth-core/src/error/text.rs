//! Parts of the messages.

use crate::error::unknown_role::{UnknownClient, UnknownRole};

/// Makes a message safe to print. It can contain text that a client sent, such as an ID, so control
/// characters are escaped before they reach a terminal or a log, and text of more than `most` characters is cut.
pub(crate) fn plain(words: &str, most: usize) -> String {
    let mut plain = String::new();
    for c in words.chars().take(most) {
        if c.is_control() { plain.extend(c.escape_unicode()) } else { plain.push(c) }
    }
    plain
}

/// The longest excerpt, in characters. A role's name has at most 255.
const EXCERPT: usize = 255;

/// A value that the server stores, or a name, safe to print, and cut if it is long.
pub(crate) fn excerpt(value: &str) -> String {
    let cut = if value.chars().nth(EXCERPT).is_some() { "…" } else { "" };
    format!("{}{cut}", plain(value, EXCERPT))
}

/// The proxy that was used.
pub(super) fn through(proxy: Option<&String>) -> String {
    proxy.map(|proxy| format!(" through the proxy {}", proxy.escape_debug())).unwrap_or_default()
}

/// Each unknown name with what is similar to it.
pub(super) fn unknown_names(realm: &str, roles: &[UnknownRole], clients: &[UnknownClient]) -> String {
    let part = |what: &str, names: Vec<String>| {
        let s = if names.len() == 1 { "" } else { "s" };
        (!names.is_empty()).then(|| format!("unknown {what}{s} in the realm `{realm}`: {}", names.join(", ")))
    };
    let roles = part("role", roles.iter().map(ToString::to_string).collect());
    let clients = part("client", clients.iter().map(ToString::to_string).collect());
    roles.into_iter().chain(clients).collect::<Vec<_>>().join("; ")
}

/// A client that must not be changed.
pub(super) fn builtin(client: &str) -> String {
    let client = excerpt(client);
    format!(
        "the client `{client}` is a built-in client of kdb Insights Enterprise or Keycloak; it was not changed"
    )
}

/// A client that the list does not show, although the list does not have every client. `rejected` is why the server
/// rejects a create of it.
pub(super) fn unseen(name: &str, realm: &str, needs: &str, rejected: Option<&str>) -> String {
    let rejected = rejected.map(|why| format!("; it cannot be created: {why}")).unwrap_or_default();
    format!(
        "client `{}` is not visible to the signed-in admin or does not exist in the realm `{realm}`; to see every \
         client, the admin needs {needs}{rejected}",
        excerpt(name)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, Step};

    #[test]
    fn an_excerpt_is_short_and_safe_for_a_terminal() {
        assert_eq!(excerpt("a\u{1b}[31m\u{7f}\u{9b}ä"), "a\\u{1b}[31m\\u{7f}\\u{9b}ä");
        assert_eq!(excerpt(&"ä".repeat(255)), "ä".repeat(255));
        assert_eq!(excerpt(&"ä".repeat(256)), format!("{}…", "ä".repeat(255)));
    }

    /// The server shows IDs that others chose.
    #[test]
    fn a_name_in_a_message_is_safe_for_a_terminal() {
        let name = || "o\u{7f}her".to_owned();
        let conflict = Error::Conflict {
            what: "client",
            name: name(),
            reason: String::new(),
            hint: None,
            request: None,
        };
        for error in [
            Error::in_doubt(&name(), Step::SetSecret, Error::Cancelled),
            Error::NotAServiceAccount { client: name(), reason: String::new(), hint: None },
            Error::Builtin { client_id: name() },
            conflict,
        ] {
            let text = error.to_string();
            assert!(text.contains("`o\\u{7f}her`"), "{text}");
        }
    }
}
