//! Requests for clients: create, find, list, update, delete, and sign in as a client.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use keycloak_admin_api::{Secret, types};
use reqwest::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

use crate::admin::access::COMMON_CLIENT;
use crate::admin::{Api, CLIENTS, client_segment, missing};
use crate::error::{Error, Hint, RequestLine, Step};
use crate::model::access_token::AccessToken;
use crate::model::client_uuid::ClientUuid;
use crate::model::fields::{SECRET_CREATED_ATTRIBUTE, SECRET_EXPIRES_ATTRIBUTE};
use crate::model::stored_client::StoredClient;
use crate::transport::rejection::{Fault, Rejection, Subject, management_client};
use crate::transport::retry::Retryable as _;
use crate::transport::server_message::CLIENT_NOT_FOUND;
use crate::transport::token_endpoint::request_token;

const CLIENT: &str = "/admin/realms/{realm}/clients/{client-uuid}";

/// How many clients with a similar ID to read. Few, because each comes with its secret.
const SIMILAR: i32 = 50;

/// A client that does not exist yet.
pub(crate) struct NewClient {
    pub(crate) uuid: ClientUuid,
    pub(crate) id: String,
    pub(crate) secret: SecretString,
    /// Further fields, already checked.
    pub(crate) fields: Map<String, Value>,
    /// Those of the fields that the caller set. The others are the defaults of this library.
    pub(crate) given: Map<String, Value>,
}

/// The outcome of creating a client.
pub(crate) enum Created {
    New,
    /// The server responded with 409.
    Refused(Refused),
    /// It failed, and the server may have carried it out.
    InDoubt(Error),
}

/// The server responded with 409. Its message does not always name what is taken.
pub(crate) struct Refused {
    /// The server's message.
    pub(crate) words: String,
    pub(crate) request: RequestLine,
    /// Whether the server may have carried out an earlier attempt although its response was lost.
    pub(crate) repeated: bool,
}

/// The outcome of updating a client.
pub(crate) enum Updated {
    Done,
    /// The server responded with 409: another update came first, or a value is taken. Whether this update is
    /// still needed depends on what is stored now.
    Refused(Refused),
    /// It failed, and the server may have carried it out.
    InDoubt(Error),
}

impl Api {
    /// `POST /clients` with the caller's own `id`, which the server accepts (observed on Keycloak 22.0.5 and
    /// later).
    pub(crate) async fn create_client(&self, new: &NewClient) -> Result<Created, Error> {
        let mut body = typed(new.fields.clone())?;
        body.id = Some(new.uuid.to_string());
        body.client_id = Some(new.id.clone());
        body.secret = Some(Secret::from(new.secret.clone()));
        body.public_client = Some(false);
        body.service_accounts_enabled = Some(true);
        let (realm, body) = (&self.realm, &body);
        let operation =
            self.operation("POST", CLIENTS, &[], "manage-clients", Some(Subject::new("client", &new.id)));
        match self
            .caller
            .call(operation, move |api| async move { api.client_create(realm, body).await })
            .await
        {
            Ok(()) => Ok(Created::New),
            Err(Fault::Rejected(rejection)) if is_conflict(&rejection) => {
                Ok(Created::Refused(refused(*rejection)))
            }
            Err(fault) if fault.is_in_doubt() => Ok(Created::InDoubt(self.explain(fault))),
            Err(fault) => Err(self.explain(fault.blaming(&new.given))),
        }
    }

    /// `GET /clients?clientId=`. It matches exactly, is case-sensitive and returns the secret.
    pub(crate) async fn find_client(&self, id: &str) -> Result<Option<StoredClient>, Error> {
        let realm = &self.realm;
        let operation = self.operation("GET", CLIENTS, &[], "view-clients", Some(Subject::new("client", id)));
        let call = self.caller.call(operation, move |api| async move {
            api.client_list(realm, Some(id), None, None, None, None, None).await
        });
        let stored = call.await.map_err(|fault| self.explain(fault))?;
        let stored = stored.into_iter().find(|client| client.client_id.as_deref() == Some(id));
        stored.map(|client| self.stored(client)).transpose()
    }

    /// The ID of a client with a service account that differs from `id` only in upper and lower case. One page
    /// of `GET /clients?search=true`, which matches substrings of any case.
    pub(crate) async fn other_spelling(&self, id: &str) -> Result<Option<String>, Error> {
        let (realm, lower) = (&self.realm, id.to_lowercase());
        let operation = self.operation("GET", CLIENTS, &[], "view-clients", None);
        let call = self.caller.call(operation, move |api| async move {
            api.client_list(realm, Some(id), Some(0), Some(SIMILAR), None, Some(true), None).await
        });
        let similar = call.await.map_err(|fault| self.explain(fault))?;
        let mut others = similar.into_iter().filter(|client| client.service_accounts_enabled == Some(true));
        Ok(others
            .find_map(|client| client.client_id.filter(|other| other != id && other.to_lowercase() == lower)))
    }

    /// Client IDs that contain this text in any case. One page of `GET /clients?search=true`.
    pub(crate) async fn client_ids_like(&self, part: &str) -> Result<Vec<String>, Error> {
        let realm = &self.realm;
        let operation = self.operation("GET", CLIENTS, &[], "view-clients", None);
        let call = self.caller.call(operation, move |api| async move {
            api.client_list(realm, Some(part), Some(0), Some(SIMILAR), None, Some(true), None).await
        });
        let similar = call.await.map_err(|fault| self.explain(fault))?;
        Ok(similar.into_iter().filter_map(|client| client.client_id).collect())
    }

    /// `GET /clients/{uuid}`.
    pub(crate) async fn client(&self, uuid: &ClientUuid) -> Result<StoredClient, Error> {
        let (realm, id) = (&self.realm, &client_segment(uuid)?);
        let operation = self.client_operation("GET", CLIENT, "view-clients", uuid);
        let line = operation.line.clone();
        let call = self.caller.call(operation, move |api| async move { api.client_get(realm, id).await });
        let stored = self.stored(call.await.map_err(|fault| self.explain(fault))?)?;
        // What is written next goes to the client of the response, so it has to be the one that was asked for.
        if !stored.uuid.as_str().eq_ignore_ascii_case(uuid.as_str()) {
            let reason = "it describes another client than the one that was asked for".to_owned();
            return Err(Error::Protocol { request: line, reason });
        }
        Ok(stored)
    }

    /// One page of `GET /clients`, sorted by client ID.
    pub(crate) async fn list_clients(&self, first: usize, max: usize) -> Result<Vec<StoredClient>, Error> {
        let realm = &self.realm;
        let (first, max) = (i32::try_from(first).ok(), i32::try_from(max).ok());
        let operation = self.operation("GET", CLIENTS, &[], "view-clients", None);
        let call = self.caller.call(operation, move |api| async move {
            api.client_list(realm, None, first, max, None, None, None).await
        });
        let page = call.await.map_err(|fault| self.explain(fault))?;
        page.into_iter().map(|client| self.stored(client)).collect()
    }

    /// The request line of a listing, for errors.
    pub(crate) fn clients_line(&self) -> RequestLine {
        RequestLine::new("GET", CLIENTS, &[self.realm()])
    }

    /// The request line of a create, for errors.
    pub(crate) fn create_line(&self) -> RequestLine {
        RequestLine::new("POST", CLIENTS, &[self.realm()])
    }

    /// `PUT /clients/{uuid}` with the changed fields, `attributes`, and two flags that must not be missing. Without
    /// `serviceAccountsEnabled`, servers up to Keycloak 26.0 delete the service account's user and its roles.
    /// Without `authorizationServicesEnabled`, every version deletes the authorization settings. Without
    /// `attributes`, the server fails with 500 if the realm has a policy for the rotation of secrets (observed on
    /// Keycloak 26.7.3).
    pub(crate) async fn update_client(
        &self,
        client: &StoredClient,
        fields: Map<String, Value>,
        secret: Option<SecretString>,
    ) -> Result<Updated, Error> {
        let (realm, uuid) = (&self.realm, &client_segment(&client.uuid)?);
        let mut body = typed(fields.clone())?;
        body.client_id = Some(client.id.clone());
        body.secret = secret.map(Secret::from);
        body.service_accounts_enabled = body.service_accounts_enabled.or(Some(client.service_accounts()));
        body.authorization_services_enabled =
            body.authorization_services_enabled.or(client.authorization_services().then_some(true));
        let attributes = body.attributes.get_or_insert_default();
        if body.secret.is_some() {
            secret_is_new(attributes);
        }
        let body = &body;
        let operation = self.client_operation("PUT", CLIENT, "manage-clients", &client.uuid);
        match self
            .caller
            .call(operation, move |api| async move { api.client_update(realm, uuid, body).await })
            .await
        {
            Ok(()) => Ok(Updated::Done),
            Err(Fault::Rejected(rejection)) if is_conflict(&rejection) => {
                Ok(Updated::Refused(refused(*rejection)))
            }
            Err(fault) if fault.is_in_doubt() => Ok(Updated::InDoubt(self.explain(fault))),
            Err(fault) => Err(self.explain(fault.blaming(&fields))),
        }
    }

    /// `DELETE /clients/{uuid}`. `name` is the client ID, or the UUID if only that is known.
    pub(crate) async fn delete_client(&self, uuid: &ClientUuid, name: &str) -> Result<(), Error> {
        let (realm, id) = (&self.realm, &client_segment(uuid)?);
        let operation = self.client_operation("DELETE", CLIENT, "manage-clients", uuid);
        let call = self.caller.call(operation, move |api| async move { api.client_delete(realm, id).await });
        let Err(fault) = call.await else { return Ok(()) };
        let in_doubt = fault.is_in_doubt();
        if let Fault::Rejected(rejection) = &fault {
            // That attempt deleted the client.
            let is_gone = rejection.by_keycloak
                && rejection.status == StatusCode::NOT_FOUND
                && rejection.message == CLIENT_NOT_FOUND;
            if in_doubt && is_gone {
                return Ok(());
            }
        }
        // Of several concurrent deletes, one gets 204 and most others get 500 (observed on Keycloak 26.7.3).
        let overtaken = fault.status() == Some(StatusCode::INTERNAL_SERVER_ERROR.as_u16());
        let cause = self.explain(fault);
        if !in_doubt && !overtaken {
            return Err(cause);
        }
        match self.client(uuid).await {
            Err(Error::NotFound { .. }) => Ok(()),
            _ if in_doubt => Err(Error::in_doubt(name, Step::Delete, cause)),
            _ => Err(cause),
        }
    }

    /// Signs in as a client with the client credentials grant in the managed realm.
    pub(crate) async fn client_token(&self, id: &str, secret: &SecretString) -> Result<AccessToken, Error> {
        let base = self.caller.base().await?;
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret.expose_secret()),
        ];
        let response = request_token(&self.caller.http, base, self.realm(), id, &form).await?;
        let lifetime = response.lifetime();
        Ok(AccessToken::new(response.access_token, lifetime))
    }

    /// The client with exactly this ID, which has to exist.
    pub(crate) async fn existing_client(&self, id: &str) -> Result<StoredClient, Error> {
        if let Some(stored) = self.find_client(id).await? {
            return Ok(stored);
        }
        self.rule_out_hidden(id).await?;
        Err(Error::NotFound {
            what: "client",
            name: id.to_owned(),
            realm: self.realm().to_owned(),
            hint: Some(Hint::ListClients),
            request: Some(self.clients_line()),
        })
    }

    /// Distinguishes "the client does not exist" from "this admin may not see it". The server leaves out of its lists
    /// what the admin may not see: every client for an admin with only `query-clients`, and all but some with
    /// fine-grained permissions (observed on Keycloak 26.7.3).
    pub(crate) async fn rule_out_hidden(&self, id: &str) -> Result<(), Error> {
        if self.lists_every_client().await? { Ok(()) } else { Err(self.not_visible(id)) }
    }

    /// Whether the server lists every client for this admin: Keycloak's own clients too, which no permission for some
    /// clients of the realm includes. Without `admin-cli`, which can be deleted, the client that has the permissions of
    /// the realm decides.
    pub(crate) async fn lists_every_client(&self) -> Result<bool, Error> {
        let realm = self.realm();
        for id in [COMMON_CLIENT, &management_client(realm, realm)] {
            if self.listed_client(id).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The error if a client is not in the list of an admin who may not see every client.
    pub(crate) fn not_visible(&self, id: &str) -> Error {
        let operation = self.operation("GET", CLIENTS, &[], "view-clients", None);
        let needs = self.rejection_context().role(operation.needs);
        Error::NotVisible {
            name: id.to_owned(),
            realm: self.realm().to_owned(),
            needs,
            rejected: None,
            request: Some(operation.line),
        }
    }

    /// The error if the server shows no client at all.
    pub(crate) async fn hidden_clients(&self) -> Error {
        self.forbidden(self.operation("GET", CLIENTS, &[], "view-clients", None)).await
    }

    fn stored(&self, client: types::ClientRepresentation) -> Result<StoredClient, Error> {
        let line = || self.clients_line();
        // A missing ID is as unusable as an empty one, and a listing must not fail because of one client.
        let uuid = client.id.clone().unwrap_or_default();
        let id = client.client_id.clone().ok_or_else(|| missing(line(), "a client's `clientId`"))?;
        let secret = client.secret.clone().map(SecretString::from);
        let without_secrets =
            types::ClientRepresentation { secret: None, registration_access_token: None, ..client };
        let Ok(Value::Object(fields)) = serde_json::to_value(without_secrets) else {
            return Err(missing(line(), "a client's JSON object"));
        };
        Ok(StoredClient { uuid: ClientUuid::from_server(uuid), id, secret, fields })
    }
}

/// Whether Keycloak itself responded with 409.
fn is_conflict(rejection: &Rejection) -> bool {
    rejection.status == StatusCode::CONFLICT && rejection.by_keycloak
}

fn refused(rejection: Rejection) -> Refused {
    let Rejection { message, operation, repeated, .. } = rejection;
    Refused { words: message, request: operation.line, repeated }
}

/// The attributes by which the server tracks the age of a secret. With a PUT it keeps those of the old secret, and if
/// that one had expired by the realm's policy, it replaces the new secret at once (observed on Keycloak 26.7.3).
#[expect(
    clippy::disallowed_methods,
    reason = "the age of a secret is shown to people and decides nothing here"
)]
fn secret_is_new(attributes: &mut BTreeMap<String, String>) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    for (name, value) in
        [(SECRET_CREATED_ATTRIBUTE, now.to_string()), (SECRET_EXPIRES_ATTRIBUTE, String::new())]
    {
        attributes.entry(name.to_owned()).or_insert(value);
    }
}

/// Converts the fields to the generated type. Their names have already been checked, so a failure means that
/// a value has the wrong type.
fn typed(fields: Map<String, Value>) -> Result<types::ClientRepresentation, Error> {
    // serde's error would quote the value.
    serde_json::from_value(Value::Object(fields))
        .map_err(|_| Error::invalid("config", "a field has a value of the wrong type"))
}
