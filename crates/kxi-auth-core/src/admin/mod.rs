//! The admin requests that the manager uses. The generated types stay inside this module. Outside it, only
//! `transport::call` and `transport::exchange` use the generated client, to send requests and read responses, and `desired::config::check` uses its table
//! of field names.

pub(crate) mod access;
pub(crate) mod clients;
pub(crate) mod groups;
mod json;
mod realm;
pub(crate) mod roles;
mod scopes;
pub(crate) mod users;

use keycloak_admin_api::PathSegment;

use crate::error::{Error, RequestLine};
use crate::model::client_uuid::ClientUuid;
use crate::model::realm_settings::LastRead;
use crate::transport::call::Caller;
use crate::transport::connection::{Connection, Credentials};
use crate::transport::rejection::{Fault, Operation, RejectionContext, Subject};

const CLIENTS: &str = "/admin/realms/{realm}/clients";

/// The admin API of one realm.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) connection: Connection,
    caller: Caller,
    realm: PathSegment,
    last_read: LastRead,
}

impl Api {
    pub(crate) fn new(connection: Connection) -> Result<Self, Error> {
        let (caller, realm) = (Caller::new(&connection)?, segment("realm", &connection.realm)?);
        Ok(Self { connection, caller, realm, last_read: LastRead::default() })
    }

    pub(crate) fn realm(&self) -> &str {
        &self.connection.realm
    }

    fn operation(
        &self,
        method: &'static str,
        template: &'static str,
        values: &[&str],
        needs: &'static str,
        about: Option<Subject>,
    ) -> Operation {
        let line = RequestLine::new(method, template, &[&[self.realm()], values].concat());
        Operation { line, needs, about }
    }

    fn client_operation(
        &self,
        method: &'static str,
        template: &'static str,
        needs: &'static str,
        uuid: &ClientUuid,
    ) -> Operation {
        self.operation(method, template, &[uuid.as_str()], needs, Some(Subject::new("client", uuid.as_str())))
    }

    fn explain(&self, fault: Fault) -> Error {
        self.rejection_context().explain(fault)
    }

    /// The error if the server hides what the admin needs for this operation, with a response that is no 403.
    async fn forbidden(&self, operation: Operation) -> Error {
        let claims = self.caller.claims().await;
        self.rejection_context().forbidden(operation, claims.as_ref())
    }

    fn rejection_context(&self) -> RejectionContext<'_> {
        let Connection { server, admin_server, realm, admin_realm, credentials, .. } = &self.connection;
        let host = admin_server.as_ref().unwrap_or(server);
        let by_session = matches!(credentials, Credentials::Session(_));
        RejectionContext { host, realm, admin_realm, by_session }
    }
}

fn segment(parameter: &'static str, text: &str) -> Result<PathSegment, Error> {
    PathSegment::new(text).map_err(|error| Error::invalid(parameter, error.to_string()))
}

/// The path segment of an internal ID that the server returned. It also stores an ID that no path can contain.
fn stored_segment(what: &'static str, name: &str, id: &str) -> Result<PathSegment, Error> {
    PathSegment::new(id).map_err(|_| Error::bad_internal_id(what, name, id))
}

/// The path segment of a client's internal ID.
fn client_segment(uuid: &ClientUuid) -> Result<PathSegment, Error> {
    stored_segment("client", uuid.as_str(), uuid.as_str())
}

fn missing(request: RequestLine, field: &str) -> Error {
    let reason = format!("{field} is missing{}", request.doubt());
    Error::Protocol { request, reason }
}
