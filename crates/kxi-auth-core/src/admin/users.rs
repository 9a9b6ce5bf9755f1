//! Requests for users: the user of a service account, and whether the list of users is whole.

use keycloak_admin_api::{Client, PathSegment, types};
use reqwest::StatusCode;

use crate::admin::{Api, client_segment, missing, stored_segment};
use crate::error::{Error, Hint, RequestLine};
use crate::model::client_uuid::ClientUuid;
use crate::model::names::service_account_name;
use crate::transport::rejection::{Fault, Operation, Subject};

const ACCOUNT: &str = "/admin/realms/{realm}/clients/{client-uuid}/service-account-user";
const USERS: &str = "/admin/realms/{realm}/users";
const FAILED_SIGN_INS: &str = "/admin/realms/{realm}/attack-detection/brute-force/users/{user-id}";
/// The ID of no user.
const NO_USER: &str = "00000000-0000-0000-0000-000000000000";

/// How many users with similar names are read at once, and how often.
const SIMILAR: i32 = 100;
const SIMILAR_PAGES: i32 = 50;

/// Keycloak's identifier of a user, such as the user of a service account.
#[derive(Debug, Clone)]
pub(crate) struct UserId(String);

impl UserId {
    pub(super) fn from_server(id: String) -> Self {
        Self(id)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn segment(&self) -> Result<PathSegment, Error> {
        stored_segment("user", &self.0, &self.0)
    }
}

impl Api {
    pub(super) fn user_operation(
        &self,
        method: &'static str,
        template: &'static str,
        needs: &'static str,
        user: &UserId,
    ) -> Operation {
        self.operation(method, template, &[user.as_str()], needs, Some(Subject::new("user", user.as_str())))
    }

    /// `GET /clients/{uuid}/service-account-user`. If the user was deleted, this makes it again, with another ID and the
    /// default role (observed on Keycloak 26.7.3). So only an operation that writes may send it.
    pub(crate) async fn service_account_user(&self, uuid: &ClientUuid) -> Result<UserId, Error> {
        let (realm, id) = (&self.realm, &client_segment(uuid)?);
        let operation = self.client_operation("GET", ACCOUNT, "view-clients", uuid);
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

    /// The user with exactly this name: `GET /users?username=`. With a name the list contains the users of service
    /// accounts too (observed on Keycloak 22.0.5, 26.0.8 and 26.7.3).
    pub(crate) async fn user_named(&self, name: &str) -> Result<Option<UserId>, Error> {
        let name = &name.to_lowercase();
        if name.chars().any(char::is_control) {
            return self.user_among_similar(name).await;
        }
        let found = self.users(name, true, 0, 1).await?;
        Ok(found.into_iter().find(|(user, _)| user == name).map(|(_, id)| id))
    }

    /// The same for a name with a control character, which the server rejects in a search (observed on Keycloak 26.7.3:
    /// 400). So this searches for a part of the name.
    async fn user_among_similar(&self, name: &str) -> Result<Option<UserId>, Error> {
        let part = name.split(char::is_control).max_by_key(|part| part.len()).unwrap_or_default();
        for page in 0..SIMILAR_PAGES {
            let found = self.users(part, false, page * SIMILAR, SIMILAR).await?;
            let is_last = found.len() < usize::try_from(SIMILAR).unwrap_or_default();
            let same = found.into_iter().find(|(user, _)| user == name).map(|(_, id)| id);
            if same.is_some() || is_last {
                return Ok(same);
            }
        }
        let request = RequestLine::new("GET", USERS, &[self.realm()]);
        let reason = format!("more than {} users have similar names", SIMILAR * SIMILAR_PAGES);
        Err(Error::Protocol { request, reason })
    }

    /// The user of any service account.
    pub(crate) async fn first_service_account(&self) -> Result<Option<UserId>, Error> {
        let prefix = service_account_name("");
        let found = self.users(&prefix, false, 0, 1).await?;
        Ok(found.into_iter().find(|(user, _)| user.starts_with(&prefix)).map(|(_, id)| id))
    }

    /// A part of the users with this name, or with a name that contains it.
    async fn users(
        &self,
        name: &str,
        exact: bool,
        first: i32,
        max: i32,
    ) -> Result<Vec<(String, UserId)>, Error> {
        let realm = &self.realm;
        let operation = self.operation("GET", USERS, &[], "view-users", None);
        let line = operation.line.clone();
        let (brief, exact, first, max) = (Some(true), Some(exact), Some(first), Some(max));
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
        let whole = |user: types::UserRepresentation| user.username.zip(user.id.map(UserId));
        let whole = |user| whole(user).ok_or_else(|| missing(line.clone(), "the user's `id` or `username`"));
        users.into_iter().map(whole).collect()
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

    /// The error if the list of users is not whole for this admin.
    pub(crate) async fn hidden_users(&self) -> Error {
        self.forbidden(self.operation("GET", USERS, &[], "view-users", None)).await
    }
}
