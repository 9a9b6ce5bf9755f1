//! Turns the server's rejection of an admin request into an error.

use reqwest::StatusCode;

use crate::error::{Cause, Error, Hint, RequestLine};
use crate::model::access_token::Claims;
use crate::transport::absence::is_absence;
use crate::transport::retry::{Retry, Retryable};
use crate::transport::server_message::REALM_NOT_FOUND;

/// Keycloak's message if another request changed the same mapping of realm roles first. The roles are assigned in the
/// end, but some of the requests fail (observed on Keycloak 26.7.3: 13 to 19 of 20 concurrent requests).
const MAPPING_RACE: &str = "Could not add user role mappings!";

/// What an error needs to know about an admin request: its line, the permission it needs and its subject.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) line: RequestLine,
    /// The role of the client `realm-management` (or `<realm>-realm`) that allows the request.
    pub(crate) needs: &'static str,
    /// The thing that a 404 or a 409 refers to. `None` for a list.
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

/// An error response to an admin request.
#[derive(Debug)]
pub(crate) struct Rejection {
    pub(crate) operation: Operation,
    pub(crate) status: StatusCode,
    /// The server's message, or a description of a response that is not from Keycloak.
    pub(crate) message: String,
    /// Whether the response is from Keycloak and not a gateway's page. Only then does a 404 mean that the
    /// thing does not exist, and a 401 that the token is not accepted.
    pub(crate) by_keycloak: bool,
    pub(crate) retry: Option<Retry>,
    /// Whether the server may have carried out an earlier attempt although its response was lost.
    pub(crate) repeated: bool,
    /// Of a 403: the claims of the token, if a client is signed in. They show its roles.
    pub(crate) claims: Option<Claims>,
}

/// Why an admin request did not succeed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The server rejected the request. The caller may know what that means.
    Rejected(Box<Rejection>),
    /// Any other failure. A retry may help.
    Failed(Error),
    /// There is no token. The sign-in has already been retried as often as allowed.
    NotSignedIn(Error),
    /// The last failure of a request that the server may have carried out, now or in an earlier attempt. What is
    /// stored shows whether it did.
    InDoubt(Error),
}

/// Whether a role mapping failed because of another mapping, or because of work on another realm: while
/// realms are being deleted, the server sometimes responds to a mapping with 500 (observed on Keycloak
/// 26.7.3). A retry is safe, because assigning a role again is not an error.
pub(crate) fn is_race(line: &RequestLine, status: StatusCode, message: &str) -> bool {
    line.template.contains("/role-mappings/")
        && match status {
            StatusCode::BAD_REQUEST => message == MAPPING_RACE,
            StatusCode::INTERNAL_SERVER_ERROR => true,
            _ => false,
        }
}

/// Whether a read failed inside the server. Now and then one does while others fill the same cache, and succeeds the next
/// time (observed on Keycloak 26.7.3: a `NullPointerException` for `GET /clients` while roles are loaded).
pub(crate) fn is_glitch(line: &RequestLine, status: StatusCode) -> bool {
    line.method == "GET" && status == StatusCode::INTERNAL_SERVER_ERROR
}

impl Fault {
    /// The fault as the outcome of all attempts. `response_lost`: one of them may have been carried out.
    pub(crate) fn after(self, response_lost: bool) -> Self {
        match self {
            Self::Rejected(mut rejection) => {
                rejection.repeated = response_lost;
                Self::Rejected(rejection)
            }
            Self::Failed(error) | Self::NotSignedIn(error) if response_lost => Self::InDoubt(error),
            other => other,
        }
    }

    /// Whether the server may have carried out this attempt although its response is missing or unreadable.
    pub(crate) fn has_lost_response(&self) -> bool {
        match self {
            // Keycloak undoes a request that it answers with an error of its own. What stands in front of it may have
            // passed the request on before it responds with any other error: Envoy responds with a 503 when the
            // connection to the server breaks.
            Self::Rejected(rejection) => {
                !rejection.by_keycloak || matches!(rejection.status.as_u16(), 502 | 504)
            }
            // Nothing can have been sent if no connection was made.
            Self::Failed(Error::Connection { source, .. }) => !source.as_ref().is_some_and(Cause::is_connect),
            Self::Failed(error) => matches!(
                error,
                Error::Timeout { .. }
                    | Error::Protocol { .. }
                    | Error::UnexpectedResponse { .. }
                    | Error::ResponseTooLarge { .. }
            ),
            Self::NotSignedIn(_) => false,
            Self::InDoubt(_) => true,
        }
    }

    /// Whether the server may have carried out one of the attempts.
    pub(crate) fn is_in_doubt(&self) -> bool {
        match self {
            Self::Rejected(rejection) => rejection.repeated,
            Self::InDoubt(_) => true,
            Self::Failed(_) | Self::NotSignedIn(_) => false,
        }
    }
}

impl Retryable for Fault {
    fn retry(&self) -> Option<Retry> {
        match self {
            Self::Rejected(rejection) => rejection.retry,
            Self::Failed(error) => error.retry(),
            Self::NotSignedIn(_) | Self::InDoubt(_) => None,
        }
    }

    fn status(&self) -> Option<u16> {
        match self {
            Self::Rejected(rejection) => Some(rejection.status.as_u16()),
            Self::Failed(error) | Self::NotSignedIn(error) | Self::InDoubt(error) => error.status(),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// The server and realms that an error message names.
#[derive(Debug)]
pub(crate) struct RejectionContext<'a> {
    pub(crate) host: &'a str,
    pub(crate) realm: &'a str,
    pub(crate) admin_realm: &'a str,
    /// Whether the caller's HTTP client signs in.
    pub(crate) by_session: bool,
}

impl RejectionContext<'_> {
    /// Turns a fault into an error.
    pub(crate) fn explain(&self, fault: Fault) -> Error {
        match fault {
            Fault::Failed(error) | Fault::NotSignedIn(error) | Fault::InDoubt(error) => error,
            Fault::Rejected(rejection) => self.rejected(*rejection),
        }
    }

    /// The error if the admin lacks the permission that the operation needs.
    pub(crate) fn forbidden(&self, operation: Operation, claims: Option<&Claims>) -> Error {
        let Operation { line, needs, .. } = operation;
        let client = management_client(self.realm, self.admin_realm);
        let hint = match claims {
            Some(claims) if !claims.has_client_role(&client, needs) => Hint::CheckScope,
            _ => Hint::CheckPermissions,
        };
        let mut needs = self.role(needs);
        if line.template.contains("/role-mappings/clients/") {
            // Observed on Keycloak 22.0.5 and 26.7.3.
            needs.push_str(", and each role of this client that it is to assign or revoke");
        }
        Error::Forbidden { request: line, needs, hint }
    }

    fn rejected(&self, rejection: Rejection) -> Error {
        let Rejection { operation, status, message, by_keycloak, retry, claims, .. } = rejection;
        if status == StatusCode::FORBIDDEN && by_keycloak {
            return self.forbidden(operation, claims.as_ref());
        }
        let Operation { line: request, about, .. } = operation;
        match (status, about) {
            // What a session signs in to can be a gateway.
            (StatusCode::UNAUTHORIZED, _) if by_keycloak || self.by_session => {
                Error::Unauthorized { request, message }
            }
            (status, _) if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                let retry_after = retry.and_then(|retry| retry.after);
                Error::Server { request, status: status.as_u16(), message, retry_after }
            }
            (status, _) if !by_keycloak => {
                Error::NotKeycloak { request, status: status.as_u16(), answer: message }
            }
            (StatusCode::NOT_FOUND, _) if message == REALM_NOT_FOUND => Error::RealmNotFound {
                realm: self.realm.to_owned(),
                host: self.host.to_owned(),
                hint: Some(Hint::CheckRealm),
                request: Some(request),
            },
            (StatusCode::CONFLICT, Some(Subject { what, name })) => {
                Error::Conflict { what, name, reason: message, hint: None, request: Some(request) }
            }
            (StatusCode::NOT_FOUND, Some(Subject { what, name })) if is_absence(&request, what, &message) => {
                Error::NotFound {
                    what,
                    name,
                    realm: self.realm.to_owned(),
                    hint: (what == "client").then_some(Hint::ListClients),
                    request: Some(request),
                }
            }
            (StatusCode::NOT_FOUND, _) => {
                Error::AdminApiNotFound { request, host: self.host.to_owned(), message }
            }
            (status, _) => Error::Rejected { request, status: status.as_u16(), message, hint: None },
        }
    }

    /// Describes a permission: the role, its client and its realm.
    pub(crate) fn role(&self, role: &str) -> String {
        let client = management_client(self.realm, self.admin_realm);
        format!("the role `{role}` of the client `{client}` in the realm `{}`", self.admin_realm)
    }
}

/// The client that has the permissions in a realm as its roles. For an admin of the realm itself this is
/// `realm-management`; for an admin of another realm (`master`) it is `<realm>-realm`. The realm `master` has
/// no client `realm-management`, only `master-realm` (observed on Keycloak 26.7.3).
pub(crate) fn management_client(realm: &str, admin_realm: &str) -> String {
    if admin_realm == realm && realm != "master" {
        "realm-management".to_owned()
    } else {
        format!("{realm}-realm")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn context(realm: &'static str, admin_realm: &'static str) -> RejectionContext<'static> {
        RejectionContext { host: "https://x", realm, admin_realm, by_session: false }
    }

    fn rejection(status: u16, message: &str) -> Fault {
        let line = RequestLine::new("GET", "/admin/realms/{realm}/clients", &["insights"]);
        rejected(line, status, message)
    }

    /// A rejection by Keycloak.
    pub(crate) fn rejected(line: RequestLine, status: u16, message: &str) -> Fault {
        let operation = Operation { line, needs: "view-clients", about: Some(Subject::new("client", "svc")) };
        let status = StatusCode::from_u16(status).unwrap();
        Fault::Rejected(Box::new(Rejection {
            operation,
            status,
            message: message.to_owned(),
            by_keycloak: true,
            retry: None,
            repeated: false,
            claims: None,
        }))
    }

    #[test]
    fn a_403_names_the_role_where_the_admin_has_it() {
        let master = context("insights", "master").explain(rejection(403, "HTTP 403 Forbidden"));
        assert_eq!(
            master.to_string(),
            "GET /admin/realms/insights/clients: permission denied; the signed-in admin needs the role `view-clients` \
             of the client `insights-realm` in the realm `master`"
        );
        let own = context("insights", "insights").explain(rejection(403, "HTTP 403 Forbidden"));
        assert!(
            own.to_string().ends_with("of the client `realm-management` in the realm `insights`"),
            "{own}"
        );
        let masters = context("master", "master").explain(rejection(403, "HTTP 403 Forbidden"));
        assert!(
            masters.to_string().ends_with("of the client `master-realm` in the realm `master`"),
            "{masters}"
        );
    }

    #[test]
    fn a_403_for_a_token_without_the_role_names_its_scope() {
        let context = context("insights", "insights");
        let hint = |roles: Option<serde_json::Value>| {
            let claims = roles.map(|roles| {
                let claims = serde_json::json!({"resource_access": {"realm-management": {"roles": roles}}});
                Claims::new(claims.as_object().unwrap().clone())
            });
            let mut fault = rejection(403, "HTTP 403 Forbidden");
            if let Fault::Rejected(rejection) = &mut fault {
                rejection.claims = claims;
            }
            context.explain(fault).hint().unwrap()
        };
        // A user's token carries no roles anyway.
        assert_eq!(hint(None), Hint::CheckPermissions);
        assert_eq!(hint(Some(serde_json::json!([]))), Hint::CheckScope);
        assert_eq!(hint(Some(serde_json::json!(["view-users"]))), Hint::CheckScope);
        assert_eq!(hint(Some(serde_json::json!(["view-clients"]))), Hint::CheckPermissions);
    }

    #[test]
    fn a_404_distinguishes_a_missing_realm_from_a_missing_client() {
        let context = context("insights", "master");
        let realm = context.explain(rejection(404, "Realm not found."));
        assert!(matches!(realm, Error::RealmNotFound { .. }), "{realm}");
        let line = RequestLine::new("GET", "/admin/realms/{realm}/clients/{client-uuid}", &["insights", "u"]);
        let client = context.explain(rejected(line, 404, "Could not find client"));
        assert_eq!(client.to_string(), "client `svc` does not exist in the realm `insights`");
    }

    #[test]
    fn a_gateways_401_is_no_rejected_sign_in_except_to_a_session() {
        let mut context = context("insights", "master");
        let gateways = || {
            let mut fault = rejection(401, "Unauthorized (text/html)");
            if let Fault::Rejected(rejection) = &mut fault {
                rejection.by_keycloak = false;
            }
            fault
        };
        let error = context.explain(gateways());
        assert!(matches!(error, Error::NotKeycloak { status: 401, .. }), "{error}");
        assert!(error.is_unavailable() && !error.is_unauthorized());
        let keycloaks = context.explain(rejection(401, "HTTP 401 Unauthorized"));
        assert!(matches!(keycloaks, Error::Unauthorized { .. }), "{keycloaks}");
        context.by_session = true;
        assert!(context.explain(gateways()).is_unauthorized());
    }

    #[test]
    fn only_keycloaks_own_error_shows_that_nothing_was_carried_out() {
        let lost = |status, keycloaks| {
            let mut fault = rejection(status, "why");
            if let Fault::Rejected(rejection) = &mut fault {
                rejection.by_keycloak = keycloaks;
            }
            fault.has_lost_response()
        };
        for status in [400, 401, 403, 404, 409, 429, 500, 502, 503, 504] {
            assert!(lost(status, false), "{status}");
            assert_eq!(lost(status, true), [502, 504].contains(&status), "{status}");
        }
    }

    #[test]
    fn a_rejection_of_a_list_names_no_thing() {
        let context = context("insights", "master");
        for (status, kind) in [(404, "AdminApiNotFound"), (409, "Rejected")] {
            let mut fault = rejection(status, "why");
            if let Fault::Rejected(rejection) = &mut fault {
                rejection.operation.about = None;
            }
            let error = context.explain(fault);
            assert!(format!("{error:?}").starts_with(kind) && !error.to_string().contains("``"), "{error}");
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
