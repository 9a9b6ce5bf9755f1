//! What the server's refusal of an admin request means.

use reqwest::StatusCode;

use crate::error::{Cause, Error, Hint, RequestLine};
use crate::transport::retry::{Retry, Retryable};
use crate::transport::server_message::REALM_NOT_FOUND;

/// Keycloak's words for a role mapping that another one overtook. The end state is complete, but
/// not each of the requests knows it (seen 13 to 19 times of 20 at once, 26.7.3).
const MAPPING_RACE: &str = "Could not add user role mappings!";

/// What an admin request is, for errors: its line, the permission it needs and what it is about.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) line: RequestLine,
    /// The role of `realm-management` (or `<realm>-realm`) that allows it.
    pub(crate) needs: &'static str,
    /// What a 404 or a 409 is about; none for a list.
    pub(crate) about: Option<Subject>,
}

/// The thing that a request is about.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// `client`, `user`, `role`.
    pub(crate) what: &'static str,
    pub(crate) name: String,
}

impl Subject {
    pub(crate) fn new(what: &'static str, name: &str) -> Self {
        Self { what, name: name.to_owned() }
    }
}

/// The server's no to an admin request.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) operation: Operation,
    pub(crate) status: StatusCode,
    /// The server's words.
    pub(crate) message: String,
    /// Whether they are Keycloak's own, not a page of a gateway's. Only then a 404 says that the
    /// thing does not exist.
    pub(crate) by_keycloak: bool,
    pub(crate) retry: Option<Retry>,
    /// Whether an earlier attempt may have been carried out although its answer was lost.
    pub(crate) repeated: bool,
}

/// Why an admin request did not succeed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The server said no; the caller may know what that means.
    Refused(Box<Refusal>),
    /// Anything else; it may be worth another attempt.
    Failed(Error),
    /// No token: the sign-in has been repeated as often as it may be.
    NotSignedIn(Error),
}

/// Whether a role mapping met another one, or work on another realm: while realms are deleted, the
/// server now and then answers 500 to one (26.7.3). Asking again is safe, for a mapping that is there
/// already is no error.
pub(crate) fn is_race(line: &RequestLine, status: StatusCode, message: &str) -> bool {
    line.template.ends_with("/role-mappings/realm")
        && match status {
            StatusCode::BAD_REQUEST => message == MAPPING_RACE,
            StatusCode::INTERNAL_SERVER_ERROR => true,
            _ => false,
        }
}

impl Fault {
    pub(crate) fn after(mut self, unanswered: bool) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.repeated = unanswered;
        }
        self
    }

    /// Whether the request may have been carried out although no answer of the server says so.
    pub(crate) fn is_unanswered(&self) -> bool {
        match self {
            Self::Refused(refusal) => matches!(refusal.status.as_u16(), 502 | 504),
            // A connection that was never made has carried nothing.
            Self::Failed(Error::Connection { source, .. }) => !source.as_ref().is_some_and(Cause::is_connect),
            Self::Failed(error) => matches!(error, Error::Timeout { .. }),
            Self::NotSignedIn(_) => false,
        }
    }
}

impl Retryable for Fault {
    fn retry(&self) -> Option<Retry> {
        match self {
            Self::Refused(refusal) => refusal.retry,
            Self::Failed(error) => error.retry(),
            Self::NotSignedIn(_) => None,
        }
    }

    fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status.as_u16()),
            Self::Failed(error) | Self::NotSignedIn(error) => error.status(),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Who asks and about what, to put a refusal into words.
#[derive(Debug)]
pub(crate) struct RefusalContext<'a> {
    pub(crate) host: &'a str,
    pub(crate) realm: &'a str,
    pub(crate) admin_realm: &'a str,
}

impl RefusalContext<'_> {
    /// What a fault is to the user.
    pub(crate) fn explain(&self, fault: Fault) -> Error {
        match fault {
            Fault::Failed(error) | Fault::NotSignedIn(error) => error,
            Fault::Refused(refusal) => self.refused(*refusal),
        }
    }

    /// The permission that the operation needs is missing.
    pub(crate) fn forbidden(&self, operation: Operation) -> Error {
        Error::Forbidden { request: operation.line, needs: self.role(operation.needs) }
    }

    fn refused(&self, refusal: Refusal) -> Error {
        let Refusal { operation, status, message, by_keycloak, retry, .. } = refusal;
        let Operation { line: request, needs, about } = operation;
        match (status, about) {
            (StatusCode::UNAUTHORIZED, _) => Error::Unauthorized { request, message },
            (status, _) if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                let retry_after = retry.and_then(|retry| retry.after);
                Error::Server { request, status: status.as_u16(), message, retry_after }
            }
            (status, _) if status.is_client_error() && !by_keycloak => Error::Rejected {
                request,
                status: status.as_u16(),
                message: format!("{message}, which is not Keycloak's answer; check what is in front of it"),
            },
            (StatusCode::FORBIDDEN, _) => Error::Forbidden { request, needs: self.role(needs) },
            (StatusCode::NOT_FOUND, _) if message == REALM_NOT_FOUND => Error::RealmNotFound {
                realm: self.realm.to_owned(),
                host: self.host.to_owned(),
                request: Some(request),
            },
            (StatusCode::CONFLICT, Some(Subject { what, name })) => {
                Error::Conflict { what, name, reason: message, hint: None, request: Some(request) }
            }
            (StatusCode::NOT_FOUND, Some(Subject { what, name })) => Error::NotFound {
                what,
                name,
                realm: self.realm.to_owned(),
                hint: (what == "client").then_some(Hint::ListClients),
                request: Some(request),
            },
            (status, _) => Error::Rejected { request, status: status.as_u16(), message },
        }
    }

    /// Where the permission belongs.
    fn role(&self, role: &str) -> String {
        let client = management_client(self.realm, self.admin_realm);
        format!("the role `{role}` of the client `{client}` in the realm `{}`", self.admin_realm)
    }
}

/// The client whose roles are the permissions in a realm: an admin of another realm (`master`) has
/// them of `<realm>-realm`, an admin of the realm itself of `realm-management`. The realm `master` has
/// no client of the latter name, only `master-realm` (26.7.3).
pub(crate) fn management_client(realm: &str, admin_realm: &str) -> String {
    if admin_realm == realm && realm != "master" {
        "realm-management".to_owned()
    } else {
        format!("{realm}-realm")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, message: &str) -> Fault {
        let line = RequestLine::new("GET", "/admin/realms/{realm}/clients", &["insights"]);
        let operation = Operation { line, needs: "view-clients", about: Some(Subject::new("client", "svc")) };
        let status = StatusCode::from_u16(status).unwrap();
        Fault::Refused(Box::new(Refusal {
            operation,
            status,
            message: message.to_owned(),
            by_keycloak: true,
            retry: None,
            repeated: false,
        }))
    }

    #[test]
    fn a_403_names_the_role_where_the_admin_has_it() {
        let master = RefusalContext { host: "https://x", realm: "insights", admin_realm: "master" }
            .explain(refusal(403, "HTTP 403 Forbidden"));
        assert_eq!(
            master.to_string(),
            "GET /admin/realms/insights/clients: permission denied; the signed-in user needs the role `view-clients` \
             of the client `insights-realm` in the realm `master`"
        );
        let own = RefusalContext { host: "https://x", realm: "insights", admin_realm: "insights" }
            .explain(refusal(403, "HTTP 403 Forbidden"));
        assert!(
            own.to_string().ends_with("of the client `realm-management` in the realm `insights`"),
            "{own}"
        );
        let masters = RefusalContext { host: "https://x", realm: "master", admin_realm: "master" }
            .explain(refusal(403, "HTTP 403 Forbidden"));
        assert!(
            masters.to_string().ends_with("of the client `master-realm` in the realm `master`"),
            "{masters}"
        );
    }

    #[test]
    fn a_404_tells_a_missing_realm_from_a_missing_client() {
        let context = RefusalContext { host: "https://x", realm: "insights", admin_realm: "master" };
        let realm = context.explain(refusal(404, "Realm not found."));
        assert!(matches!(realm, Error::RealmNotFound { .. }), "{realm}");
        let client = context.explain(refusal(404, "Could not find client"));
        assert_eq!(client.to_string(), "client `svc` does not exist in the realm `insights`");
    }

    #[test]
    fn a_refusal_of_a_list_names_no_thing() {
        let context = RefusalContext { host: "https://x", realm: "insights", admin_realm: "master" };
        for status in [404, 409] {
            let mut fault = refusal(status, "why");
            if let Fault::Refused(refusal) = &mut fault {
                refusal.operation.about = None;
            }
            let error = context.explain(fault);
            assert!(matches!(error, Error::Rejected { .. }) && !error.to_string().contains("``"), "{error}");
        }
    }

    #[test]
    fn a_mapping_that_met_another_is_a_race_and_nothing_else_is() {
        let mapping =
            RequestLine::new("POST", "/admin/realms/{realm}/users/{user-id}/role-mappings/realm", &[]);
        let client = RequestLine::new("POST", "/admin/realms/{realm}/clients", &[]);
        assert!(is_race(&mapping, StatusCode::BAD_REQUEST, MAPPING_RACE));
        assert!(is_race(&mapping, StatusCode::INTERNAL_SERVER_ERROR, "unknown_error"));
        assert!(!is_race(&mapping, StatusCode::BAD_REQUEST, "another"));
        assert!(!is_race(&client, StatusCode::INTERNAL_SERVER_ERROR, "unknown_error"));
    }
}
