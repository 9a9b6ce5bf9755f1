//! Requests that show what the signed-in admin may do: reads, and the `access` blocks in their responses.

use std::collections::BTreeMap;

use keycloak_admin_api::{Client, types};
use serde::Deserialize;

use crate::admin::json::get_json;
use crate::admin::roles::ROLES;
use crate::admin::users::UserId;
use crate::admin::{Api, CLIENTS, missing};
use crate::error::{Error, RequestLine};
use crate::model::access_token::AccessToken;
use crate::transport::connection::{Connection, Credentials};
use crate::transport::rejection::{Operation, management_client};

const SERVER_INFO: &str = "/admin/serverinfo";
const USERS: &str = "/admin/realms/{realm}/users";
const USER_COUNT: &str = "/admin/realms/{realm}/users/count";
const USER: &str = "/admin/realms/{realm}/users/{user-id}";
/// A client that every realm has and that has no secret. Every admin who may manage clients may manage it, which is
/// not true of `realm-management` (observed on Keycloak 26.7.3).
pub(crate) const COMMON_CLIENT: &str = "admin-cli";

/// The server's list of what the signed-in admin may do with one client or user.
#[derive(Debug, Default)]
pub(crate) struct AccessBlock(BTreeMap<String, bool>);

/// A client in the list, and what the admin may do with it.
#[derive(Debug)]
pub(crate) struct ListedClient {
    pub(crate) access: AccessBlock,
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
        let send = |api: Client| async move {
            get_json::<ServerInfo>(&api, "server_info", &["admin", "serverinfo"]).await
        };
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
        user.id.map(|id| Some(UserId::from_server(id))).ok_or_else(|| missing(line, "the user's `id`"))
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
        let (realm, id) = (&self.realm, &user.segment()?);
        let operation = self.user_operation("GET", USER, "view-users", user);
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
    ListedClient { access: AccessBlock(client.access.unwrap_or_default()) }
}
