//! Requests for groups: those of a service account's user, and what they grant.

use keycloak_admin_api::{Client, types};

use crate::admin::json::get_json;
use crate::admin::roles::mapped;
use crate::admin::users::UserId;
use crate::admin::{Api, missing, segment, stored_segment};
use crate::error::{Error, RequestLine};
use crate::model::group::Group;
use crate::model::role::Role;
use crate::transport::rejection::{Fault, Operation, Subject};

const OF_USER: &str = "/admin/realms/{realm}/users/{user-id}/groups";
const MEMBERSHIP: &str = "/admin/realms/{realm}/users/{user-id}/groups/{group-id}";
const BY_PATH: &str = "/admin/realms/{realm}/group-by-path/{path}";
const GROUP: &str = "/admin/realms/{realm}/groups/{group-id}";
const ROLES: &str = "/admin/realms/{realm}/groups/{group-id}/role-mappings";

/// The outcome of a change of the groups of a user.
pub(crate) enum Membership {
    Changed,
    /// The group does not exist.
    GroupGone,
    /// The server may have changed them. The error is that of the last attempt.
    InDoubt(Error),
}

impl Api {
    /// `GET /users/{id}/groups`: the groups that the user is a member of, on one page.
    pub(crate) async fn groups_of(&self, user: &UserId) -> Result<Vec<Group>, Error> {
        let (realm, id) = (&self.realm, &user.segment()?);
        let operation = self.user_operation("GET", OF_USER, "view-users", user);
        let line = operation.line.clone();
        let call = self.caller.call(operation, move |api| async move {
            api.user_group_list(realm, id, Some(true), None, None, None).await
        });
        let groups = call.await.map_err(|fault| self.explain(fault))?;
        let mut groups: Vec<Group> =
            groups.into_iter().map(|group| whole(group, &line)).collect::<Result<_, _>>()?;
        groups.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(groups)
    }

    /// `GET /groups/{id}`.
    pub(crate) async fn group(&self, group: &str) -> Result<Group, Error> {
        let (realm, id) = (&self.realm, &stored_segment("group", group, group)?);
        let operation = self.group_operation("GET", GROUP, group);
        let line = operation.line.clone();
        let call = self.caller.call(operation, move |api| async move { api.group_get(realm, id).await });
        whole(call.await.map_err(|fault| self.explain(fault))?, &line)
    }

    /// `GET /group-by-path/…`: the group with this path, such as `/market-data/feeds`. `None` if there is none. Each part
    /// of the path is a segment of the URL: servers and proxies may reject an encoded slash.
    pub(crate) async fn group_at(&self, path: &str) -> Result<Option<Group>, Error> {
        let about = Some(Subject::new("group", path));
        let operation = self.operation("GET", BY_PATH, &[path], "view-users", about);
        let line = operation.line.clone();
        // Other parts would ask for another group.
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        parts.iter().try_for_each(|part| segment("group", part).map(drop))?;
        let segments = ["admin", "realms", self.realm(), "group-by-path"].into_iter();
        let segments: Vec<&str> = segments.chain(parts).collect();
        let segments = &segments;
        let send = move |api: Client| async move {
            get_json::<types::GroupRepresentation>(&api, "group_by_path_get", segments).await
        };
        match self.caller.call(operation, send).await.map_err(|fault| self.explain(fault)) {
            Ok(group) => {
                let group = whole(group, &line)?;
                if group.path != path {
                    let reason = "it describes another group than the one that was asked for".to_owned();
                    return Err(Error::Protocol { request: line, reason });
                }
                Ok(Some(group))
            }
            Err(Error::NotFound { what: "group", .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// `GET /groups/{id}/role-mappings`: the roles that the group itself grants.
    pub(crate) async fn roles_of_group(&self, group: &Group) -> Result<Vec<Role>, Error> {
        let (realm, id) = (&self.realm, &stored_segment("group", &group.path, &group.id)?);
        let operation = self.group_operation("GET", ROLES, &group.id);
        let line = operation.line.clone();
        let call = self
            .caller
            .call(operation, move |api| async move { api.group_role_mapping_get(realm, id).await });
        mapped(call.await.map_err(|fault| self.explain(fault))?, &line)
    }

    /// `PUT /users/{id}/groups/{group}`. To join a group again is not an error.
    pub(crate) async fn join(&self, user: &UserId, group: &Group) -> Result<Membership, Error> {
        let (realm, id) = (&self.realm, &user.segment()?);
        let segment = &stored_segment("group", &group.path, &group.id)?;
        let operation = self.membership_operation("PUT", user, group);
        let call = self
            .caller
            .call(operation, move |api| async move { api.user_group_add(realm, id, segment).await });
        self.membership(call.await)
    }

    /// `DELETE /users/{id}/groups/{group}`. To leave a group again is not an error.
    pub(crate) async fn leave(&self, user: &UserId, group: &Group) -> Result<Membership, Error> {
        let (realm, id) = (&self.realm, &user.segment()?);
        let segment = &stored_segment("group", &group.path, &group.id)?;
        let operation = self.membership_operation("DELETE", user, group);
        let call = self
            .caller
            .call(operation, move |api| async move { api.user_group_delete(realm, id, segment).await });
        self.membership(call.await)
    }

    fn membership(&self, outcome: Result<(), Fault>) -> Result<Membership, Error> {
        match outcome {
            Ok(()) => Ok(Membership::Changed),
            Err(fault) if fault.is_in_doubt() => Ok(Membership::InDoubt(self.explain(fault))),
            Err(fault) => match self.explain(fault) {
                Error::NotFound { what: "group", .. } => Ok(Membership::GroupGone),
                error => Err(error),
            },
        }
    }

    /// The request line of a list of groups, for errors.
    pub(crate) fn groups_line(&self) -> RequestLine {
        RequestLine::new("GET", OF_USER, &[self.realm(), "…"])
    }

    fn group_operation(&self, method: &'static str, template: &'static str, group: &str) -> Operation {
        self.operation(method, template, &[group], "view-users", Some(Subject::new("group", group)))
    }

    fn membership_operation(&self, method: &'static str, user: &UserId, group: &Group) -> Operation {
        let values = [user.as_str(), &group.id];
        self.operation(method, MEMBERSHIP, &values, "manage-users", Some(Subject::new("group", &group.path)))
    }
}

fn whole(group: types::GroupRepresentation, line: &RequestLine) -> Result<Group, Error> {
    let types::GroupRepresentation { id, path, name, parent_id, .. } = group;
    let whole = id.zip(path).zip(name);
    let ((id, path), name) =
        whole.ok_or_else(|| missing(line.clone(), "a group's `id`, `path` or `name`"))?;
    Ok(Group { id, path, name, parent: parent_id })
}
