//! One admin request: its token, its renewal after a 401, and what a refusal means.

use reqwest::StatusCode;
use serde::Deserialize;

use crate::error::{Error, RequestLine};

/// What an admin request is, for errors: its line, the permission it needs and what it is about.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) line: RequestLine,
    /// The role of `realm-management` (or `<realm>-realm`) that allows it.
    pub(crate) needs: &'static str,
    /// What a 404 is about: `client`, `user`, and its name.
    pub(crate) about: (&'static str, String),
}

/// The server's no to an admin request.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) operation: Operation,
    pub(crate) status: StatusCode,
    /// The server's words.
    pub(crate) message: String,
}

/// Why an admin request did not succeed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The server said no; the caller may know what that means.
    Refused(Box<Refusal>),
    /// Anything else.
    Failed(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Who asks and about what, to put a refusal into words.
#[derive(Debug)]
pub(crate) struct Asker<'a> {
    pub(crate) host: &'a str,
    pub(crate) realm: &'a str,
    pub(crate) admin_realm: &'a str,
}

impl Asker<'_> {
    /// What a fault is to the user.
    pub(crate) fn explain(&self, fault: Fault) -> Error {
        match fault {
            Fault::Failed(error) => error,
            Fault::Refused(refusal) => self.refused(*refusal),
        }
    }

    fn refused(&self, Refusal { operation, status, message }: Refusal) -> Error {
        let Operation { line: request, needs, about: (what, name) } = operation;
        match status {
            StatusCode::UNAUTHORIZED => Error::Unauthorized { request, message },
            StatusCode::FORBIDDEN => Error::Forbidden { request, needs: self.role(needs) },
            StatusCode::NOT_FOUND if message == "Realm not found." => {
                Error::RealmNotFound { realm: self.realm.to_owned(), host: self.host.to_owned() }
            }
            StatusCode::NOT_FOUND => {
                Error::NotFound { what, name, realm: self.realm.to_owned(), hint: String::new() }
            }
            status if status.is_server_error() => Error::Server { request, status: status.as_u16(), message },
            status => Error::Rejected { request, status: status.as_u16(), message },
        }
    }

    /// Where the permission belongs: an admin of another realm (`master`) has it as a role of the
    /// client `<realm>-realm`, an admin of the realm itself as one of `realm-management`.
    fn role(&self, role: &str) -> String {
        let client = if self.admin_realm == self.realm {
            "realm-management".to_owned()
        } else {
            format!("{}-realm", self.realm)
        };
        format!("the role `{role}` of the client `{client}` in the realm `{}`", self.admin_realm)
    }
}

/// The server's words in an error body: `errorMessage`, else `error_description`, else `error`.
pub(crate) fn server_words(status: StatusCode, body: &[u8]) -> String {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Body {
        #[serde(rename = "errorMessage")]
        message: Option<String>,
        error_description: Option<String>,
        error: Option<String>,
    }
    let Body { message, error_description, error } = serde_json::from_slice(body).unwrap_or_default();
    let words = message.or(error_description).or(error);
    words.unwrap_or_else(|| status.canonical_reason().unwrap_or("no reason given").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, message: &str) -> Fault {
        let line = RequestLine::new("GET", "/admin/realms/insights/clients");
        let operation = Operation { line, needs: "view-clients", about: ("client", "svc".to_owned()) };
        let status = StatusCode::from_u16(status).unwrap();
        Fault::Refused(Box::new(Refusal { operation, status, message: message.to_owned() }))
    }

    #[test]
    fn a_403_names_the_role_where_the_admin_has_it() {
        let master = Asker { host: "https://x", realm: "insights", admin_realm: "master" }
            .explain(refusal(403, "HTTP 403 Forbidden"));
        assert_eq!(
            master.to_string(),
            "GET /admin/realms/insights/clients: permission denied; the signed-in user needs the role `view-clients` \
             of the client `insights-realm` in the realm `master`"
        );
        let own = Asker { host: "https://x", realm: "insights", admin_realm: "insights" }
            .explain(refusal(403, "HTTP 403 Forbidden"));
        assert!(
            own.to_string().ends_with("of the client `realm-management` in the realm `insights`"),
            "{own}"
        );
    }

    #[test]
    fn a_404_tells_a_missing_realm_from_a_missing_client() {
        let asker = Asker { host: "https://x", realm: "insights", admin_realm: "master" };
        let realm = asker.explain(refusal(404, "Realm not found."));
        assert!(matches!(realm, Error::RealmNotFound { .. }), "{realm}");
        let client = asker.explain(refusal(404, "Could not find client"));
        assert_eq!(client.to_string(), "client `svc` does not exist in the realm `insights`");
    }

    #[test]
    fn the_servers_words_come_from_any_of_its_error_forms() {
        for (body, words) in [
            (r#"{"errorMessage":"Client x already exists"}"#, "Client x already exists"),
            (r#"{"error":"invalid_grant","error_description":"why"}"#, "why"),
            (r#"{"error":"HTTP 401 Unauthorized"}"#, "HTTP 401 Unauthorized"),
            ("<html>", "Conflict"),
        ] {
            assert_eq!(server_words(StatusCode::CONFLICT, body.as_bytes()), words);
        }
    }
}
