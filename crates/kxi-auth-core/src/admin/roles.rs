//! Realm roles: what there are, what is in them, and who has them.

use keycloak_admin_api::{Client, types};
use reqwest::StatusCode;

use crate::admin::{Api, missing, segment};
use crate::error::{Error, Hint};
use crate::model::client_uuid::ClientUuid;
use crate::model::role::Role;
use crate::transport::call::Sent;
use crate::transport::rejection::{Fault, Operation, Subject};

const USER: &str = "/admin/realms/{realm}/clients/{client-uuid}/service-account-user";
pub(super) const ROLES: &str = "/admin/realms/{realm}/roles";
const COMPOSITES: &str = "/admin/realms/{realm}/roles-by-id/{role-id}/composites";
const MAPPINGS: &str = "/admin/realms/{realm}/users/{user-id}/role-mappings/realm";

/// Keycloak's words when one of the roles of a mapping is gone; nothing is mapped or revoked then.
const ROLE_GONE: &str = "Role not found";

/// A service account's user, by Keycloak's identifier.
#[derive(Debug, Clone)]
pub(crate) struct UserId(pub(super) String);

impl Api {
    /// `GET /clients/{uuid}/service-account-user`.
    pub(crate) async fn service_account_user(&self, uuid: &ClientUuid) -> Result<UserId, Error> {
        let (realm, id) = (&self.realm, &segment("uuid", uuid.as_str())?);
        let operation = self.client_operation("GET", USER, "view-clients", uuid);
        let line = operation.line.clone();
        let call = self
            .caller
            .call(operation, move |api| async move { api.client_service_account_user_get(realm, id).await });
        let user = call.await.map_err(|fault| match fault {
            // The server's other 400 here does not exist: it is how it says that the flag is off.
            Fault::Rejected(rejection)
                if rejection.status == StatusCode::BAD_REQUEST && rejection.by_keycloak =>
            {
                Error::NotAServiceAccount {
                    client: uuid.to_string(),
                    reason: "`serviceAccountsEnabled` is false".to_owned(),
                    hint: Some(Hint::RegisterClient),
                }
            }
            fault => self.explain(fault),
        })?;
        user.id.map(UserId).ok_or_else(|| missing(line, "the user's `id`"))
    }

    /// `GET /roles`: all of them, unpaged, as the server gives them without `first` and `max`.
    pub(crate) async fn realm_roles(&self) -> Result<Vec<Role>, Error> {
        let realm = &self.realm;
        let operation = self.operation("GET", ROLES, &[], "view-realm", None);
        self.roles(operation, move |api| async move { api.role_list(realm, None, None, None, None).await })
            .await
    }

    /// `GET /roles-by-id/{id}/composites`: what a composite role includes directly.
    pub(crate) async fn composites(&self, role: &Role) -> Result<Vec<Role>, Error> {
        let (realm, id) = (&self.realm, &segment("role id", &role.id)?);
        let operation = self.operation(
            "GET",
            COMPOSITES,
            &[&role.id],
            "view-realm",
            Some(Subject::new("role", &role.name)),
        );
        self.roles(operation, move |api| async move {
            api.role_by_id_composite_list(realm, id, None, None, None).await
        })
        .await
    }

    /// `GET /users/{id}/role-mappings/realm`: what is mapped directly.
    pub(crate) async fn assigned_roles(&self, user: &UserId) -> Result<Vec<Role>, Error> {
        let (realm, id) = (&self.realm, &segment("user id", &user.0)?);
        let operation =
            self.operation("GET", MAPPINGS, &[&user.0], "view-users", Some(Subject::new("user", &user.0)));
        self.roles(operation, move |api| async move { api.user_realm_role_mapping_list(realm, id).await })
            .await
    }

    /// `POST /users/{id}/role-mappings/realm`: all in one request; what is mapped already is no error.
    /// Tells whether it was done: it is not if one of the roles was deleted meanwhile.
    pub(crate) async fn add_roles(&self, user: &UserId, roles: &[Role]) -> Result<bool, Error> {
        let (realm, id, body) = (&self.realm, &segment("user id", &user.0)?, &mapping(roles));
        let operation =
            self.operation("POST", MAPPINGS, &[&user.0], "manage-users", Some(Subject::new("user", &user.0)));
        let call = self.caller.call(operation, move |api| async move {
            api.user_realm_role_mapping_add(realm, id, body).await
        });
        self.unless_gone(call.await)
    }

    /// `DELETE /users/{id}/role-mappings/realm`. The body is never left out: that would revoke all. Tells
    /// whether it was done: it is not if one of the roles was deleted meanwhile.
    pub(crate) async fn remove_roles(&self, user: &UserId, roles: &[Role]) -> Result<bool, Error> {
        let (realm, id, body) = (&self.realm, &segment("user id", &user.0)?, &mapping(roles));
        let operation = self.operation(
            "DELETE",
            MAPPINGS,
            &[&user.0],
            "manage-users",
            Some(Subject::new("user", &user.0)),
        );
        let call = self.caller.call(operation, move |api| async move {
            api.user_realm_role_mapping_remove(realm, id, body).await
        });
        self.unless_gone(call.await)
    }

    /// Whether a mapping was changed, or a role in it is gone.
    fn unless_gone(&self, outcome: Result<(), Fault>) -> Result<bool, Error> {
        match outcome {
            Ok(()) => Ok(true),
            Err(Fault::Rejected(rejection)) if rejection.message == ROLE_GONE => Ok(false),
            Err(fault) => Err(self.explain(fault)),
        }
    }

    async fn roles<F, S>(&self, operation: Operation, send: F) -> Result<Vec<Role>, Error>
    where
        F: Fn(Client) -> S + Sync,
        S: Future<Output = Sent<Vec<types::RoleRepresentation>>> + Send,
    {
        let line = operation.line.clone();
        let roles = self.caller.call(operation, send).await.map_err(|fault| self.explain(fault))?;
        let role = |role: types::RoleRepresentation| {
            let (Some(id), Some(name)) = (role.id, role.name) else {
                return Err(missing(line.clone(), "a role's `id` and `name`"));
            };
            let client = role.client_role.unwrap_or(false).then_some(role.container_id).flatten();
            Ok(Role {
                name,
                description: role.description,
                composite: role.composite.unwrap_or(false),
                id,
                client,
            })
        };
        let mut roles: Vec<Role> = roles.into_iter().map(role).collect::<Result<_, Error>>()?;
        // The server gives the roles of a user in another order each time (seen on 26.7.3).
        roles.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(roles)
    }
}

/// A mapping must name the role and its id, both right.
fn mapping(roles: &[Role]) -> Vec<types::RoleRepresentation> {
    let named = |role: &Role| types::RoleRepresentation {
        id: Some(role.id.clone()),
        name: Some(role.name.clone()),
        ..Default::default()
    };
    roles.iter().map(named).collect()
}
