//! Whether a 404 means that a thing does not exist.

use crate::error::RequestLine;
use crate::transport::server_message::{CLIENT_NOT_FOUND, GROUP_NOT_FOUND, ROLE_NOT_FOUND, USER_NOT_FOUND};

/// Whether a 404 of Keycloak's means that the thing does not exist. To a request for a list or to a create it never
/// does: the whole admin API is missing then, because it is off or has another address.
pub(crate) fn is_absence(request: &RequestLine, what: &str, message: &str) -> bool {
    // The realm is one placeholder, the thing another.
    let names_a_thing = request.template.matches('{').count() > 1;
    names_a_thing
        && match what {
            "client" => message == CLIENT_NOT_FOUND,
            "user" => message == USER_NOT_FOUND,
            "group" => GROUP_NOT_FOUND.contains(&message),
            "role" => message == ROLE_NOT_FOUND,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_404_without_keycloaks_words_for_the_thing_is_no_absence() {
        let client =
            RequestLine::new("GET", "/admin/realms/{realm}/clients/{client-uuid}", &["insights", "u"]);
        let user = RequestLine::new("GET", "/admin/realms/{realm}/users/{user-id}", &["insights", "u"]);
        let create = RequestLine::new("POST", "/admin/realms/{realm}/clients", &["insights"]);
        assert!(is_absence(&client, "client", "Could not find client"));
        assert!(is_absence(&user, "user", "User not found"));
        for (line, what, message) in [
            (&client, "client", "Unable to find matching target resource method"),
            (&client, "client", "HTTP 404 Not Found"),
            (&client, "client", "User not found"),
            (&user, "user", "Could not find client"),
            (&create, "client", "Unable to find matching target resource method"),
            (&create, "client", "Could not find client"),
        ] {
            assert!(!is_absence(line, what, message), "{what} {message}");
        }
    }
}
