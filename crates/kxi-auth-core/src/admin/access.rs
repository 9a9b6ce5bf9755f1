//! Requests that show what the signed-in admin may do: reads, and the `access` blocks in their responses.

use std::collections::BTreeMap;

use keycloak_admin_api::{Client, ClientHooks as _, ClientInfo as _, OperationInfo, ResponseValue, types};
use serde::Deserialize;

use crate::admin::roles::{ROLES, UserId};
use crate::admin::{Api, CLIENTS, missing, stored_segment};
use crate::error::{Error, RequestLine};
use crate::model::access_token::AccessToken;
use crate::model::client_uuid::ClientUuid;
use crate::transport::call::Sent;
use crate::transport::connection::{Connection, Credentials};
use crate::transport::rejection::{Operation, Subject, management_client};

const SERVER_INFO: &str = "/admin/serverinfo";
const USERS: &str = "/admin/realms/{realm}/users";
const USER_COUNT: &str = "/admin/realms/{realm}/users/count";
const USER: &str = "/admin/realms/{realm}/users/{user-id}";
const FAILED_SIGN_INS: &str = "/admin/realms/{realm}/attack-detection/brute-force/users/{user-id}";
/// The ID of no user.
const NO_USER: &str = "00000000-0000-0000-0000-000000000000";
/// A client that every realm has and that has no secret. Every admin who may manage clients may manage it, which is
/// not true of `realm-management` (observed on Keycloak 26.7.3).
pub(crate) const COMMON_CLIENT: &str = "admin-cli";
/// How many clients to search for a service account. Few, because each comes with its secret.
const SOME: i32 = 50;

/// The server's list of what the signed-in admin may do with one client or user.
#[derive(Debug, Default)]
pub(crate) struct AccessBlock(BTreeMap<String, bool>);

/// A client in the list, and what the admin may do with it.
#[derive(Debug)]
pub(crate) struct ListedClient {
    pub(crate) uuid: Option<ClientUuid>,
    pub(crate) access: AccessBlock,
    pub(crate) service_account: bool,
}

impl AccessBlock {
    /// `None` if the block does not contain the key.
    pub(crate) fn get(&self, key: &str) -> Option<bool> {
        self.0.get(key).copied()
    }
}

#[cfg(test)]
impl<const N: usize> From<[(&str, bool); N]> for AccessBlock {
    fn from(entries: [(&str, bool); N]) -> Self {
        Self(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }
}

impl Api {
    /// Keycloak's base address.
    pub(crate) async fn base(&self) -> Result<&str, Error> {
        self.caller.base().await
    }

    /// Whether the realm exists. This does not sign in.
    pub(crate) async fn realm_exists(&self) -> Result<bool, Error> {
        self.caller.realm_exists().await
    }

    /// Signs in for a new admin token.
    pub(crate) async fn sign_in(&self) -> Result<AccessToken, Error> {
        self.caller.sign_in().await
    }

    /// `GET /admin/serverinfo`. Only the version is kept. Keycloak's OpenAPI document does not contain this
    /// request.
    pub(crate) async fn server_version(&self) -> Result<Option<String>, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct ServerInfo {
            system_info: Option<SystemInfo>,
        }
        #[derive(Deserialize)]
        struct SystemInfo {
            version: Option<String>,
        }
        let line = RequestLine::new("GET", SERVER_INFO, &[]);
        let operation = Operation { line, needs: "view-realm", about: None };
        let send = |api: Client| async move { server_info::<ServerInfo>(&api).await };
        let info = self.caller.call(operation, send).await.map_err(|fault| self.explain(fault))?;
        Ok(info.system_info.and_then(|info| info.version))
    }

    /// The client with exactly this client ID, as the list shows it.
    pub(crate) async fn listed_client(&self, id: &str) -> Result<Option<ListedClient>, Error> {
        Ok(self.listed(Some(id), None).await?.into_iter().next())
    }

    /// The first client of the list.
    pub(crate) async fn first_client(&self) -> Result<Option<ListedClient>, Error> {
        Ok(self.listed(None, Some(1)).await?.into_iter().next())
    }

    /// A client with a service account, if one of the first clients of the list has one.
    pub(crate) async fn some_service_account(&self) -> Result<Option<ClientUuid>, Error> {
        let listed = self.listed(None, Some(SOME)).await?;
        Ok(listed.into_iter().find(|client| client.service_account).and_then(|client| client.uuid))
    }

    async fn listed(&self, id: Option<&str>, max: Option<i32>) -> Result<Vec<ListedClient>, Error> {
        let realm = &self.realm;
        let operation = self.operation("GET", CLIENTS, &[], "view-clients", None);
        let send = move |api: Client| async move {
            api.client_list(realm, id, max.map(|_| 0), max, None, None, None).await
        };
        let clients = self.caller.call(operation, send).await.map_err(|fault| self.explain(fault))?;
        Ok(clients.into_iter().map(listed).collect())
    }

    /// Whether the realm has any role: `GET /roles`, limited to one.
    pub(crate) async fn has_roles(&self) -> Result<bool, Error> {
        let realm = &self.realm;
        let operation = self.operation("GET", ROLES, &[], "view-realm", None);
        let send = move |api: Client| async move { api.role_list(realm, None, Some(0), Some(1), None).await };
        let roles = self.caller.call(operation, send).await.map_err(|fault| self.explain(fault))?;
        Ok(!roles.is_empty())
    }

    /// `GET /users`, limited to one. This list does not contain service accounts.
    pub(crate) async fn first_user(&self) -> Result<Option<UserId>, Error> {
        let realm = &self.realm;
        let operation = self.operation("GET", USERS, &[], "view-users", None);
        let line = operation.line.clone();
        let (brief, first, max) = (Some(true), Some(0), Some(1));
        let send = move |api: Client| async move {
            api.user_list(
                realm, brief, None, None, None, None, None, None, first, None, None, None, None, max, None,
                None, None,
            )
            .await
        };
        let users = self.caller.call(operation, send).await.map_err(|fault| self.explain(fault))?;
        let Some(user) = users.into_iter().next() else { return Ok(None) };
        user.id.map(|id| Some(UserId(id))).ok_or_else(|| missing(line, "the user's `id`"))
    }

    /// Whether a user with exactly this name exists: `GET /users?username=`. With a name the list contains the
    /// users of service accounts too (observed on Keycloak 22.0.5, 26.0.8 and 26.7.3).
    pub(crate) async fn user_exists(&self, name: &str) -> Result<bool, Error> {
        let realm = &self.realm;
        let operation = self.operation("GET", USERS, &[], "view-users", None);
        let (brief, exact, first, max) = (Some(true), Some(true), Some(0), Some(1));
        let send = move |api: Client| async move {
            api.user_list(
                realm,
                brief,
                None,
                None,
                None,
                None,
                None,
                exact,
                first,
                None,
                None,
                None,
                None,
                max,
                None,
                None,
                Some(name),
            )
            .await
        };
        let users = self.caller.call(operation, send).await.map_err(|fault| self.explain(fault))?;
        Ok(!users.is_empty())
    }

    /// Whether the list of users is whole for this admin: no user is left out, as from that of an admin with only
    /// `query-users`. The server shows the failed sign-ins of a user that does not exist only to an admin who may view
    /// every user (observed on Keycloak 22.0.5, 26.0.8 and 26.7.3).
    pub(crate) async fn lists_every_user(&self) -> Result<bool, Error> {
        let (realm, id) = (&self.realm, &stored_segment("user", NO_USER, NO_USER)?);
        let operation = self.operation("GET", FAILED_SIGN_INS, &[NO_USER], "view-users", None);
        let send =
            move |api: Client| async move { api.attack_detection_brute_force_user_get(realm, id).await };
        match self.caller.call(operation, send).await.map_err(|fault| self.explain(fault)) {
            Ok(_) => Ok(true),
            Err(Error::Forbidden { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// `GET /users/count`. It includes users that the admin may not see, but not service accounts.
    pub(crate) async fn user_count(&self) -> Result<i32, Error> {
        let realm = &self.realm;
        let operation = self.operation("GET", USER_COUNT, &[], "view-users", None);
        let send = move |api: Client| async move {
            api.user_count_get(
                realm, None, None, None, None, None, None, None, None, None, None, None, None, None,
            )
            .await
        };
        self.caller.call(operation, send).await.map_err(|fault| self.explain(fault))
    }

    /// `GET /users/{id}`: what the admin may do with this user.
    pub(crate) async fn user_access(&self, user: &UserId) -> Result<AccessBlock, Error> {
        let (realm, id) = (&self.realm, &stored_segment("user", &user.0, &user.0)?);
        let operation =
            self.operation("GET", USER, &[&user.0], "view-users", Some(Subject::new("user", &user.0)));
        let send = move |api: Client| async move { api.user_get(realm, id, None).await };
        let user = self.caller.call(operation, send).await.map_err(|fault| self.explain(fault))?;
        Ok(AccessBlock(user.access.unwrap_or_default()))
    }

    /// The client ID that the admin signs in with, if the admin is a client of the managed realm. The token says so:
    /// its `azp`, and the realm of its `iss`. No request, if there is a valid token.
    pub(crate) async fn own_client(&self) -> Result<Option<String>, Error> {
        let claims = self.caller.client_claims().await?;
        Ok(claims.filter(|claims| claims.is_of_realm(self.realm())).map(|claims| claims.client_id))
    }

    /// Whether the admin is a user of the managed realm. The realm has at least one user then.
    pub(crate) fn is_user_of_realm(&self) -> bool {
        let Connection { realm, admin_realm, credentials, .. } = &self.connection;
        realm == admin_realm && matches!(credentials, Credentials::Password { .. })
    }

    /// The client that has the permissions as its roles, and its realm.
    pub(crate) fn management(&self) -> (String, String) {
        let Connection { realm, admin_realm, .. } = &self.connection;
        (management_client(realm, admin_realm), admin_realm.clone())
    }
}

fn listed(client: types::ClientRepresentation) -> ListedClient {
    ListedClient {
        uuid: client.id.map(ClientUuid::from_server),
        access: AccessBlock(client.access.unwrap_or_default()),
        service_account: client.service_accounts_enabled.unwrap_or(false),
    }
}

/// Sends the request in the same way as the generated operations.
async fn server_info<T: serde::de::DeserializeOwned>(api: &Client) -> Sent<T> {
    let operation = OperationInfo { operation_id: "server_info" };
    let mut request = api.client().get(format!("{}{SERVER_INFO}", api.baseurl())).build()?;
    api.pre(&mut request, &operation).await?;
    let response = api.exec(request, &operation).await?;
    if response.status().is_success() {
        ResponseValue::from_response(response).await
    } else {
        Err(keycloak_admin_api::Error::UnexpectedResponse(response))
    }
}
