//! Requests for realm roles: list them, list what composite roles include, and read and change role mappings.

use keycloak_admin_api::{Client, types};
use reqwest::StatusCode;

use crate::admin::{Api, client_segment, missing, stored_segment};
use crate::error::{Error, Hint};
use crate::model::client_uuid::ClientUuid;
use crate::model::role::Role;
use crate::transport::call::Sent;
use crate::transport::rejection::{Fault, Operation, Subject};

const USER: &str = "/admin/realms/{realm}/clients/{client-uuid}/service-account-user";
pub(super) const ROLES: &str = "/admin/realms/{realm}/roles";
const COMPOSITES: &str = "/admin/realms/{realm}/roles-by-id/{role-id}/composites";
const MAPPINGS: &str = "/admin/realms/{realm}/users/{user-id}/role-mappings/realm";

/// Keycloak's message if one of the roles in a mapping does not exist. Nothing is assigned or revoked then.
const ROLE_GONE: &str = "Role not found";

/// The outcome of a change of role mappings.
pub(crate) enum Mapping {
    Changed,
    /// One of the roles does not exist, so the server changed nothing.
    RoleGone,
    /// The server may have changed them. The error is that of the last attempt.
    InDoubt(Error),
}

/// Keycloak's identifier of a user, such as the user of a service account.
#[derive(Debug, Clone)]
pub(crate) struct UserId(pub(super) String);

impl Api {
    /// `GET /clients/{uuid}/service-account-user`.
    pub(crate) async fn service_account_user(&self, uuid: &ClientUuid) -> Result<UserId, Error> {
        let (realm, id) = (&self.realm, &client_segment(uuid)?);
        let operation = self.client_operation("GET", USER, "view-clients", uuid);
        let line = operation.line.clone();
        let call = self
            .caller
            .call(operation, move |api| async move { api.client_service_account_user_get(realm, id).await });
        let user = call.await.map_err(|fault| match fault {
            // The only 400 that the server sends here means that the flag is off.
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

    /// `GET /roles`. Without `first` and `max` the server returns all roles on one page.
    pub(crate) async fn realm_roles(&self) -> Result<Vec<Role>, Error> {
        let realm = &self.realm;
        let operation = self.operation("GET", ROLES, &[], "view-realm", None);
        self.roles(operation, move |api| async move { api.role_list(realm, None, None, None, None).await })
            .await
    }

    /// `GET /roles-by-id/{id}/composites`: the roles that a composite role includes directly.
    pub(crate) async fn composites(&self, role: &Role) -> Result<Vec<Role>, Error> {
        let (realm, id) = (&self.realm, &stored_segment("role", &role.name, &role.id)?);
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

    /// `GET /users/{id}/role-mappings/realm`: the directly assigned roles.
    pub(crate) async fn assigned_roles(&self, user: &UserId) -> Result<Vec<Role>, Error> {
        let (realm, id) = (&self.realm, &stored_segment("user", &user.0, &user.0)?);
        let operation =
            self.operation("GET", MAPPINGS, &[&user.0], "view-users", Some(Subject::new("user", &user.0)));
        self.roles(operation, move |api| async move { api.user_realm_role_mapping_list(realm, id).await })
            .await
    }

    /// `POST /users/{id}/role-mappings/realm`: assigns all roles in one request. Assigning a role again is
    /// not an error.
    pub(crate) async fn add_roles(&self, user: &UserId, roles: &[Role]) -> Result<Mapping, Error> {
        let (realm, id, body) = (&self.realm, &stored_segment("user", &user.0, &user.0)?, &mapping(roles));
        let operation =
            self.operation("POST", MAPPINGS, &[&user.0], "manage-users", Some(Subject::new("user", &user.0)));
        let call = self.caller.call(operation, move |api| async move {
            api.user_realm_role_mapping_add(realm, id, body).await
        });
        self.mapping(call.await)
    }

    /// `DELETE /users/{id}/role-mappings/realm`. The body is always sent, because a request without a body
    /// revokes all roles.
    pub(crate) async fn remove_roles(&self, user: &UserId, roles: &[Role]) -> Result<Mapping, Error> {
        let (realm, id, body) = (&self.realm, &stored_segment("user", &user.0, &user.0)?, &mapping(roles));
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
        self.mapping(call.await)
    }

    fn mapping(&self, outcome: Result<(), Fault>) -> Result<Mapping, Error> {
        match outcome {
            Ok(()) => Ok(Mapping::Changed),
            Err(Fault::Rejected(rejection)) if rejection.message == ROLE_GONE => Ok(Mapping::RoleGone),
            Err(fault) if fault.is_in_doubt() => Ok(Mapping::InDoubt(self.explain(fault))),
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
        let whole = |found| role(found).ok_or_else(|| missing(line.clone(), "a role's `id` and `name`"));
        let mut roles: Vec<Role> = roles.into_iter().map(whole).collect::<Result<_, Error>>()?;
        // They are in the memory of the response, whose roles are larger.
        roles.shrink_to_fit();
        // The server returns a user's roles in a different order each time (observed on Keycloak 26.7.3).
        roles.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(roles)
    }
}

/// A role, if the server shows its ID and its name.
pub(super) fn role(found: types::RoleRepresentation) -> Option<Role> {
    let client = found.client_role.unwrap_or(false).then_some(found.container_id).flatten();
    Some(Role {
        name: found.name?,
        description: found.description,
        composite: found.composite.unwrap_or(false),
        id: found.id?,
        client,
    })
}

/// The body of a role mapping. Both the name and the ID of each role must be correct.
fn mapping(roles: &[Role]) -> Vec<types::RoleRepresentation> {
    let named = |role: &Role| types::RoleRepresentation {
        id: Some(role.id.clone()),
        name: Some(role.name.clone()),
        ..Default::default()
    };
    roles.iter().map(named).collect()
}
