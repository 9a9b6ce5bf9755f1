//! The admin requests that the manager is made of. No other file sees the generated types, and
//! progenitor's errors, which print whole bodies, end here.

use std::time::Duration;

use keycloak_admin_api::{Client, Failure, PathSegment, RequestContext, ResponseValue, Secret, types};
use reqwest::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};

use crate::access_token::AccessToken;
use crate::auth_client::ClientUuid;
use crate::call::{Asker, Fault, Operation, Refusal, server_words};
use crate::connection::Connection;
use crate::endpoint::Endpoint;
use crate::error::{Error, RequestLine};
use crate::http::Http;
use crate::roles::Role;
use crate::token::{Token, TokenSource, request_token};

/// The admin interface of one realm.
#[derive(Debug)]
pub(crate) struct Api {
    connection: Connection,
    http: Http,
    endpoint: Endpoint,
    tokens: TokenSource,
    realm: PathSegment,
}

/// A client that does not exist yet.
pub(crate) struct NewClient {
    pub(crate) uuid: ClientUuid,
    pub(crate) id: String,
    pub(crate) secret: SecretString,
}

/// How a create ended.
pub(crate) enum Created {
    New,
    /// 409, with the server's words.
    Taken(String),
}

/// A client as the server has it: what the manager has to know of it.
#[derive(Debug)]
pub(crate) struct FoundClient {
    pub(crate) uuid: ClientUuid,
    pub(crate) id: String,
    pub(crate) secret: Option<SecretString>,
    pub(crate) service_accounts: bool,
    authorization_services: bool,
    obstacle: Option<String>,
}

/// What an update changes; the rest stays.
pub(crate) struct Update {
    pub(crate) secret: Option<SecretString>,
}

/// A service account's user, by Keycloak's identifier.
pub(crate) struct UserId(String);

impl Api {
    pub(crate) fn new(connection: Connection) -> Result<Self, Error> {
        Ok(Self {
            http: Http::new(&connection)?,
            endpoint: Endpoint::new(&connection),
            tokens: TokenSource::new(&connection),
            realm: segment("realm", &connection.realm)?,
            connection,
        })
    }

    pub(crate) fn host(&self) -> &str {
        &self.connection.host
    }

    pub(crate) fn realm(&self) -> &str {
        &self.connection.realm
    }

    /// `POST /clients` with the caller's own `id`, which the server honours.
    pub(crate) async fn create_client(&self, new: &NewClient) -> Result<Created, Error> {
        let realm = &self.realm;
        let body = &types::ClientRepresentation {
            id: Some(new.uuid.to_string()),
            client_id: Some(new.id.clone()),
            secret: Some(Secret::from(new.secret.clone())),
            public_client: Some(false),
            service_accounts_enabled: Some(true),
            // The server's default for this one is on.
            standard_flow_enabled: Some(false),
            implicit_flow_enabled: Some(false),
            direct_access_grants_enabled: Some(false),
            ..Default::default()
        };
        let operation = self.operation("POST", "/clients", "manage-clients", ("client", &new.id));
        match self.call(operation, move |client| async move { client.client_create(realm, body).await }).await
        {
            Ok(()) => Ok(Created::New),
            Err(Fault::Refused(refusal)) if refusal.status == StatusCode::CONFLICT => {
                Ok(Created::Taken(refusal.message))
            }
            Err(fault) => Err(self.explain(fault)),
        }
    }

    /// `GET /clients?clientId=`, which is exact and case-sensitive and carries the secret.
    pub(crate) async fn find_client(&self, id: &str) -> Result<Option<FoundClient>, Error> {
        let realm = &self.realm;
        let operation = self.operation("GET", "/clients", "view-clients", ("client", id));
        let call = self.call(operation, move |client| async move {
            client.client_list(realm, Some(id), None, None, None, None, None).await
        });
        let found = call.await.map_err(|fault| self.explain(fault))?;
        let found = found.into_iter().find(|client| client.client_id.as_deref() == Some(id));
        found.map(|client| self.found(client)).transpose()
    }

    /// One page of `GET /clients`, sorted by client id.
    pub(crate) async fn list_clients(&self, first: usize, max: usize) -> Result<Vec<FoundClient>, Error> {
        let realm = &self.realm;
        let operation =
            self.operation("GET", "/clients", "view-clients", ("clients of the realm", self.realm()));
        let (first, max) = (i32::try_from(first).ok(), i32::try_from(max).ok());
        let call = self.call(operation, move |client| async move {
            client.client_list(realm, None, first, max, None, None, None).await
        });
        let page = call.await.map_err(|fault| self.explain(fault))?;
        page.into_iter().map(|client| self.found(client)).collect()
    }

    /// `PUT /clients/{uuid}` with what changes and the two flags whose absence destroys: without
    /// `serviceAccountsEnabled` servers up to 26.0 delete the service account's user and its roles,
    /// without `authorizationServicesEnabled` every version wipes the authorization settings.
    pub(crate) async fn update_client(&self, client: &FoundClient, update: &Update) -> Result<(), Error> {
        let uuid = &segment("uuid", client.uuid.as_str())?;
        let realm = &self.realm;
        let body = &types::ClientRepresentation {
            client_id: Some(client.id.clone()),
            secret: update.secret.clone().map(Secret::from),
            service_accounts_enabled: Some(true),
            authorization_services_enabled: client.authorization_services.then_some(true),
            ..Default::default()
        };
        let path = format!("/clients/{}", client.uuid);
        let operation = self.operation("PUT", &path, "manage-clients", ("client", &client.id));
        self.call(operation, move |client| async move { client.client_update(realm, uuid, body).await })
            .await
            .map_err(|fault| self.explain(fault))
    }

    /// `DELETE /clients/{uuid}`.
    pub(crate) async fn delete_client(&self, uuid: &ClientUuid) -> Result<(), Error> {
        let (realm, id) = (&self.realm, &segment("uuid", uuid.as_str())?);
        let path = format!("/clients/{uuid}");
        let operation = self.operation("DELETE", &path, "manage-clients", ("client", uuid.as_str()));
        self.call(operation, move |client| async move { client.client_delete(realm, id).await })
            .await
            .map_err(|fault| self.explain(fault))
    }

    /// `GET /clients/{uuid}/service-account-user`.
    pub(crate) async fn service_account_user(&self, uuid: &ClientUuid) -> Result<UserId, Error> {
        let (realm, id) = (&self.realm, &segment("uuid", uuid.as_str())?);
        let path = format!("/clients/{uuid}/service-account-user");
        let operation = self.operation("GET", &path, "view-clients", ("client", uuid.as_str()));
        let line = operation.line.clone();
        let call = self.call(operation, move |client| async move {
            client.client_service_account_user_get(realm, id).await
        });
        let user = call.await.map_err(|fault| self.explain(fault))?;
        user.id.map(UserId).ok_or_else(|| missing(line, "the user's `id`"))
    }

    /// `GET /roles`: all of them, unpaged, as the server gives them without `first` and `max`.
    pub(crate) async fn realm_roles(&self) -> Result<Vec<Role>, Error> {
        let realm = &self.realm;
        let operation = self.operation("GET", "/roles", "view-realm", ("roles of the realm", self.realm()));
        self.roles(
            operation,
            move |client| async move { client.role_list(realm, None, None, None, None).await },
        )
        .await
    }

    /// `GET /users/{id}/role-mappings/realm`: what is mapped directly.
    pub(crate) async fn assigned_roles(&self, user: &UserId) -> Result<Vec<Role>, Error> {
        let (realm, id) = (&self.realm, &segment("user id", &user.0)?);
        let operation = self.role_mapping("GET", "view-users", user);
        self.roles(
            operation,
            move |client| async move { client.user_realm_role_mapping_list(realm, id).await },
        )
        .await
    }

    /// `POST /users/{id}/role-mappings/realm`: all in one request; what is mapped already is no error.
    pub(crate) async fn add_roles(&self, user: &UserId, roles: &[Role]) -> Result<(), Error> {
        let (realm, id) = (&self.realm, &segment("user id", &user.0)?);
        let named = |role: &Role| types::RoleRepresentation {
            id: Some(role.id.clone()),
            name: Some(role.name.clone()),
            ..Default::default()
        };
        let body = &roles.iter().map(named).collect();
        let operation = self.role_mapping("POST", "manage-users", user);
        self.call(operation, move |client| async move {
            client.user_realm_role_mapping_add(realm, id, body).await
        })
        .await
        .map_err(|fault| self.explain(fault))
    }

    /// Signs in as a client: client credentials grant in the managed realm.
    pub(crate) async fn client_token(&self, id: &str, secret: &SecretString) -> Result<AccessToken, Error> {
        let base = self.endpoint.base(&self.http).await?;
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret.expose_secret()),
        ];
        let answer = request_token(&self.http, base, self.realm(), id, &form).await?;
        Ok(AccessToken::new(answer.access_token, Duration::from_secs(answer.expires_in)))
    }

    async fn roles<F, S>(&self, operation: Operation, send: F) -> Result<Vec<Role>, Error>
    where
        F: Fn(Client) -> S,
        S: Future<Output = Sent<Vec<types::RoleRepresentation>>> + Send,
    {
        let line = operation.line.clone();
        let roles = self.call(operation, send).await.map_err(|fault| self.explain(fault))?;
        let role = |role: types::RoleRepresentation| {
            let (Some(id), Some(name)) = (role.id, role.name) else {
                return Err(missing(line.clone(), "a role's `id` and `name`"));
            };
            Ok(Role { name, description: role.description, composite: role.composite.unwrap_or(false), id })
        };
        roles.into_iter().map(role).collect()
    }

    /// Sends with a valid token, and once more with a new one if the server says 401.
    async fn call<T, F, S>(&self, operation: Operation, send: F) -> Result<T, Fault>
    where
        F: Fn(Client) -> S,
        S: Future<Output = Sent<T>> + Send,
    {
        let base = self.endpoint.base(&self.http).await?;
        let token = self.tokens.token(&self.http, base, None).await?;
        match self.attempt(base, &token, &operation, &send).await {
            Err(Fault::Refused(refusal)) if refusal.status == StatusCode::UNAUTHORIZED => {
                let token = self.tokens.token(&self.http, base, Some(&token)).await?;
                self.attempt(base, &token, &operation, &send).await
            }
            outcome => outcome,
        }
    }

    async fn attempt<T, F, S>(
        &self,
        base: &str,
        token: &Token,
        operation: &Operation,
        send: &F,
    ) -> Result<T, Fault>
    where
        F: Fn(Client) -> S,
        S: Future<Output = Sent<T>> + Send,
    {
        let context = RequestContext::bearer(token.secret.clone());
        let client = Client::new_with_client(base, self.http.client().clone(), context);
        match send(client).await {
            Ok(answer) => Ok(answer.into_inner()),
            Err(error) => Err(self.fault(operation, error).await),
        }
    }

    async fn fault(&self, operation: &Operation, error: keycloak_admin_api::Error) -> Fault {
        let line = operation.line.clone();
        match Failure::from_error(error).await {
            Failure::Response { status, body, .. } => {
                let message = server_words(status, &body);
                Fault::Refused(Box::new(Refusal { operation: operation.clone(), status, message }))
            }
            Failure::Transport(error) => self.http.failed(&line, error).into(),
            // Its words hold no body, no header and no URL.
            other => Error::Protocol { request: line, reason: other.to_string() }.into(),
        }
    }

    fn operation(
        &self,
        method: &'static str,
        path: &str,
        needs: &'static str,
        about: (&'static str, &str),
    ) -> Operation {
        let line = RequestLine::new(method, format!("/admin/realms/{}{path}", self.realm()));
        Operation { line, needs, about: (about.0, about.1.to_owned()) }
    }

    fn role_mapping(&self, method: &'static str, needs: &'static str, user: &UserId) -> Operation {
        self.operation(method, &format!("/users/{}/role-mappings/realm", user.0), needs, ("user", &user.0))
    }

    fn explain(&self, fault: Fault) -> Error {
        Asker { host: self.host(), realm: self.realm(), admin_realm: &self.connection.admin_realm }
            .explain(fault)
    }

    fn found(&self, client: types::ClientRepresentation) -> Result<FoundClient, Error> {
        let line = || RequestLine::new("GET", format!("/admin/realms/{}/clients", self.realm()));
        let obstacle = obstacle(&client);
        let uuid = client.id.ok_or_else(|| missing(line(), "a client's `id`"))?;
        Ok(FoundClient {
            uuid: ClientUuid::new(uuid)?,
            id: client.client_id.ok_or_else(|| missing(line(), "a client's `clientId`"))?,
            secret: client.secret.map(SecretString::from),
            service_accounts: client.service_accounts_enabled.unwrap_or(false),
            authorization_services: client.authorization_services_enabled.unwrap_or(false),
            obstacle,
        })
    }
}

/// What an operation of the generated client returns.
type Sent<T> = Result<ResponseValue<T>, keycloak_admin_api::Error>;

impl FoundClient {
    /// Why this client cannot be made a service account without breaking what it is.
    pub(crate) fn obstacle(&self) -> Option<String> {
        self.obstacle.clone()
    }
}

fn obstacle(client: &types::ClientRepresentation) -> Option<String> {
    let on = |flag: Option<bool>| flag.unwrap_or(false);
    let protocol = client.protocol.as_deref().unwrap_or("openid-connect");
    let authenticator = client.client_authenticator_type.as_deref().unwrap_or("client-secret");
    if on(client.public_client) {
        Some("is public (`publicClient` is true)".to_owned())
    } else if on(client.bearer_only) {
        Some("is bearer-only (`bearerOnly` is true)".to_owned())
    } else if client.enabled == Some(false) {
        Some("is disabled (`enabled` is false)".to_owned())
    } else if protocol != "openid-connect" {
        Some(format!("speaks another protocol (`protocol` is `{protocol}`)"))
    } else if authenticator != "client-secret" {
        Some(format!("does not sign in by secret (`clientAuthenticatorType` is `{authenticator}`)"))
    } else {
        None
    }
}

fn segment(parameter: &'static str, text: &str) -> Result<PathSegment, Error> {
    PathSegment::new(text).map_err(|error| Error::invalid(parameter, error.to_string()))
}

fn missing(request: RequestLine, field: &str) -> Error {
    Error::Protocol { request, reason: format!("{field} is missing") }
}
