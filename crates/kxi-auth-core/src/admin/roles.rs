//! Requests for realm roles and client roles: list them, list what composite roles include, and read and change role
//! mappings.

use keycloak_admin_api::{Client, types};

use crate::admin::users::UserId;
use crate::admin::{Api, client_segment, missing, stored_segment};
use crate::error::{Error, RequestLine};
use crate::model::client_uuid::ClientUuid;
use crate::model::role::Role;
use crate::transport::call::Sent;
use crate::transport::rejection::{Fault, Operation, Subject};
use crate::transport::server_message::ROLES_CLIENT_GONE;

pub(super) const ROLES: &str = "/admin/realms/{realm}/roles";
const COMPOSITES: &str = "/admin/realms/{realm}/roles-by-id/{role-id}/composites";
const CLIENT_ROLES: &str = "/admin/realms/{realm}/clients/{client-uuid}/roles";
const MAPPINGS: &str = "/admin/realms/{realm}/users/{user-id}/role-mappings/realm";
const ALL_MAPPINGS: &str = "/admin/realms/{realm}/users/{user-id}/role-mappings";
const CLIENT_MAPPINGS: &str = "/admin/realms/{realm}/users/{user-id}/role-mappings/clients/{client-uuid}";

/// Keycloak's message if one of the roles in a mapping does not exist. Nothing is assigned or revoked then.
const ROLE_GONE: &str = "Role not found";

/// The outcome of a change of role mappings.
pub(crate) enum Mapping {
    Changed,
    /// One of the roles, or their client, does not exist, so the server changed nothing.
    RoleGone,
    /// The server may have changed them. The error is that of the last attempt.
    InDoubt(Error),
}

impl Api {
    /// `GET /roles`. Without `first` and `max` the server returns all roles on one page.
    pub(crate) async fn realm_roles(&self) -> Result<Vec<Role>, Error> {
        let realm = &self.realm;
        let operation = self.operation("GET", ROLES, &[], "view-realm", None);
        self.roles(operation, move |api| async move { api.role_list(realm, None, None, None, None).await })
            .await
    }

    /// `GET /clients/{uuid}/roles`: all roles of the client with this ID on one page.
    pub(crate) async fn roles_of_client(&self, client: &str, uuid: &ClientUuid) -> Result<Vec<Role>, Error> {
        let (realm, id) = (&self.realm, &stored_segment("client", client, uuid.as_str())?);
        let operation = self.operation(
            "GET",
            CLIENT_ROLES,
            &[uuid.as_str()],
            "view-clients",
            Some(Subject::new("client", client)),
        );
        let mut roles = self
            .roles(operation, move |api| async move {
                api.client_role_list(realm, id, None, None, None, None).await
            })
            .await?;
        for role in &mut roles {
            role.client = Some(client.to_owned());
            role.client_uuid = Some(uuid.clone());
        }
        Ok(roles)
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

    /// `GET /users/{id}/role-mappings/realm`: the directly assigned realm roles.
    pub(crate) async fn assigned_realm_roles(&self, user: &UserId) -> Result<Vec<Role>, Error> {
        let (realm, id) = (&self.realm, &user.segment()?);
        let operation = self.user_operation("GET", MAPPINGS, "view-users", user);
        self.roles(operation, move |api| async move { api.user_realm_role_mapping_list(realm, id).await })
            .await
    }

    /// `GET /users/{id}/role-mappings`: the directly assigned roles, first those of the realm, then those of each client.
    pub(crate) async fn assigned_roles(&self, user: &UserId) -> Result<Vec<Role>, Error> {
        let (realm, id) = (&self.realm, &user.segment()?);
        let operation = self.user_operation("GET", ALL_MAPPINGS, "view-users", user);
        let line = operation.line.clone();
        let call =
            self.caller.call(operation, move |api| async move { api.user_role_mapping_get(realm, id).await });
        mapped(call.await.map_err(|fault| self.explain(fault))?, &line)
    }

    /// Assigns roles in one request: realm roles by `POST /users/{id}/role-mappings/realm`, or the roles of one client
    /// by `POST /users/{id}/role-mappings/clients/{uuid}`. Assigning a role again is not an error.
    pub(crate) async fn add_roles(
        &self,
        user: &UserId,
        client: Option<&ClientUuid>,
        roles: &[Role],
    ) -> Result<Mapping, Error> {
        let (realm, id, body) = (&self.realm, &user.segment()?, &mapping(roles));
        let operation = self.mapping_operation("POST", user, client);
        let outcome = if let Some(uuid) = client {
            let client = &client_segment(uuid)?;
            let call = self.caller.call(operation, move |api| async move {
                api.user_client_role_mapping_add(realm, id, client, body).await
            });
            call.await
        } else {
            let call = self.caller.call(operation, move |api| async move {
                api.user_realm_role_mapping_add(realm, id, body).await
            });
            call.await
        };
        self.mapping(outcome)
    }

    /// Revokes roles in one request: realm roles by `DELETE /users/{id}/role-mappings/realm`, or the roles of one client
    /// by `DELETE /users/{id}/role-mappings/clients/{uuid}`. The body is always sent, because a request without a body
    /// revokes all roles.
    pub(crate) async fn remove_roles(
        &self,
        user: &UserId,
        client: Option<&ClientUuid>,
        roles: &[Role],
    ) -> Result<Mapping, Error> {
        let (realm, id, body) = (&self.realm, &user.segment()?, &mapping(roles));
        let operation = self.mapping_operation("DELETE", user, client);
        let outcome = if let Some(uuid) = client {
            let client = &client_segment(uuid)?;
            let call = self.caller.call(operation, move |api| async move {
                api.user_client_role_mapping_remove(realm, id, client, body).await
            });
            call.await
        } else {
            let call = self.caller.call(operation, move |api| async move {
                api.user_realm_role_mapping_remove(realm, id, body).await
            });
            call.await
        };
        self.mapping(outcome)
    }

    fn mapping_operation(
        &self,
        method: &'static str,
        user: &UserId,
        client: Option<&ClientUuid>,
    ) -> Operation {
        let about = Some(Subject::new("user", user.as_str()));
        match client {
            // An admin may map only those roles of the realm's management that it holds itself.
            Some(client) => {
                let values = [user.as_str(), client.as_str()];
                self.operation(method, CLIENT_MAPPINGS, &values, "manage-users", about)
            }
            None => self.operation(method, MAPPINGS, &[user.as_str()], "manage-users", about),
        }
    }

    fn mapping(&self, outcome: Result<(), Fault>) -> Result<Mapping, Error> {
        match outcome {
            Ok(()) => Ok(Mapping::Changed),
            Err(Fault::Rejected(rejection))
                if [ROLE_GONE, ROLES_CLIENT_GONE].contains(&rejection.message.as_str()) =>
            {
                Ok(Mapping::RoleGone)
            }
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
        whole(roles, &line)
    }
}

/// All roles of a mapping: first those of the realm, then those of each client.
pub(super) fn mapped(
    mappings: types::MappingsRepresentation,
    line: &RequestLine,
) -> Result<Vec<Role>, Error> {
    let types::MappingsRepresentation { client_mappings, realm_mappings, .. } = mappings;
    let mut all = whole(realm_mappings.unwrap_or_default(), line)?;
    for (client, of_client) in client_mappings.unwrap_or_default() {
        let uuid = of_client.id.ok_or_else(|| missing(line.clone(), "a client's `id`"))?;
        let uuid = ClientUuid::from_server(uuid);
        let roles = whole(of_client.mappings.unwrap_or_default(), line)?;
        let of_client = |role| Role { client: Some(client.clone()), client_uuid: Some(uuid.clone()), ..role };
        all.extend(roles.into_iter().map(of_client));
    }
    Ok(all)
}

/// These roles, sorted by name. The server returns a user's roles in a different order each time (observed on Keycloak
/// 26.7.3).
fn whole(roles: Vec<types::RoleRepresentation>, line: &RequestLine) -> Result<Vec<Role>, Error> {
    let whole = |found| role(found).ok_or_else(|| missing(line.clone(), "a role's `id` and `name`"));
    let mut roles: Vec<Role> = roles.into_iter().map(whole).collect::<Result<_, Error>>()?;
    // They are in the memory of the response, whose roles are larger.
    roles.shrink_to_fit();
    roles.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(roles)
}

/// A role, if the server shows its ID and its name.
pub(super) fn role(found: types::RoleRepresentation) -> Option<Role> {
    let owner = found.client_role.unwrap_or(false).then_some(found.container_id).flatten();
    Some(Role {
        name: found.name?,
        client: None,
        description: found.description,
        composite: found.composite.unwrap_or(false),
        id: found.id?,
        client_uuid: owner.map(ClientUuid::from_server),
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
