//! Realm roles of a service account: choosing, adding, revoking, reading.

use std::collections::HashSet;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use tracing::Instrument as _;

use crate::auth_client::{AuthClient, ClientUuid};
use crate::error::Error;
use crate::guard;
use crate::manager::ClientManager;
use crate::roles::{Role, Roles, pick};

/// How often roles are read again because one that was to be mapped is gone.
const ROUNDS: usize = 3;

/// An assignment that is described but not sent: add arguments, then `.await` it. It returns the
/// names of the roles that were added now.
///
/// Made by [`ClientManager::assign_roles`], which tells its errors.
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// use kxi_auth_core::Roles;
///
/// let client = manager.get_client("my-service").await?;
/// for name in manager.assign_roles(&client, Roles::All).await? {
///     println!("{name} was added");
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "an assignment is not sent until it is awaited"]
pub struct AssignRoles {
    pub(crate) manager: ClientManager,
    uuid: ClientUuid,
    roles: Roles,
    allow_master_roles: bool,
}

impl AssignRoles {
    pub(crate) fn new(manager: &ClientManager, client: &AuthClient, roles: Roles) -> Self {
        Self { manager: manager.clone(), uuid: client.uuid.clone(), roles, allow_master_roles: false }
    }

    /// Allows [`Roles::All`] in the realm `master`, where it includes `admin`. Default: false, and it is
    /// [`Error::MasterRoles`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::{AuthClient, ClientManager, Error, Roles};
    /// # async fn f(manager: ClientManager, client: AuthClient) -> Result<(), Error> {
    /// manager.assign_roles(&client, Roles::All).allow_master_roles(true).await?;
    /// # Ok(()) }
    /// ```
    pub fn allow_master_roles(mut self, allow: bool) -> Self {
        self.allow_master_roles = allow;
        self
    }

    async fn run(self) -> Result<Vec<String>, Error> {
        guard::master_roles(&self.manager, &self.roles, self.allow_master_roles)?;
        let wanted = wanted(&self.manager, &self.roles).await?;
        let added = add_missing(&self.manager, &self.uuid, false, wanted, &self.roles).await?;
        Ok(added.into_iter().map(|role| role.name).collect())
    }
}

impl IntoFuture for AssignRoles {
    type Output = Result<Vec<String>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("assign_roles", uuid = self.uuid.as_str());
        Box::pin(self.run().instrument(span))
    }
}

/// The roles that are meant, read from the server.
pub(crate) async fn wanted(manager: &ClientManager, roles: &Roles) -> Result<Vec<Role>, Error> {
    match roles {
        Roles::None => Ok(Vec::new()),
        Roles::Named(names) if names.is_empty() => Ok(Vec::new()),
        roles => choose(&manager.all_roles().await?, roles, manager.realm()),
    }
}

/// The roles that are meant among those that exist.
pub(crate) fn choose(existing: &[Role], roles: &Roles, realm: &str) -> Result<Vec<Role>, Error> {
    match roles {
        Roles::All => Ok(existing.to_vec()),
        Roles::Named(names) => pick(existing, names, realm),
        Roles::None => Ok(Vec::new()),
    }
}

/// Maps those of the roles that are not mapped yet, in one request, and returns them. Of a client
/// that is `new` nothing needs to be read.
pub(crate) async fn add_missing(
    manager: &ClientManager,
    uuid: &ClientUuid,
    new: bool,
    mut roles: Vec<Role>,
    meant: &Roles,
) -> Result<Vec<Role>, Error> {
    if roles.is_empty() {
        return Ok(roles);
    }
    let api = manager.api();
    let user = api.service_account_user(uuid).await?;
    let mut round = 0;
    loop {
        if !new || round > 0 {
            let mapped: HashSet<String> =
                api.assigned_roles(&user).await?.into_iter().map(|role| role.id).collect();
            roles.retain(|role| !mapped.contains(&role.id));
        }
        if roles.is_empty() || api.add_roles(&user, &roles).await? {
            return Ok(roles);
        }
        // One of them was deleted since they were read; nothing was mapped.
        round += 1;
        let now = wanted(manager, meant).await?;
        if round == ROUNDS {
            return Err(vanishing(&roles, &now));
        }
        roles = now;
    }
}

/// A role is deleted, and made again, each time that it is to be mapped.
fn vanishing(sent: &[Role], now: &[Role]) -> Error {
    let gone = |role: &&Role| now.iter().all(|other| other.id != role.id);
    // What was read just now may have it again: the server does not say which one it was.
    let name = sent.iter().find(gone).or(sent.first()).map(|role| role.name.clone()).unwrap_or_default();
    let reason = format!(
        "it, or another of the roles, was deleted {ROUNDS} times while they were assigned; nothing was assigned, \
         try again when nobody changes the realm's roles"
    );
    Error::Conflict { what: "role", name, reason, request: None }
}

/// Revokes those of the roles that are mapped, and returns their names.
pub(crate) async fn revoke(
    manager: &ClientManager,
    client: &AuthClient,
    roles: &Roles,
) -> Result<Vec<String>, Error> {
    let api = manager.api();
    // Also refuses unknown names: a misspelt one must not pass for revoked.
    let meant: HashSet<String> = wanted(manager, roles).await?.into_iter().map(|role| role.id).collect();
    if meant.is_empty() {
        return Ok(Vec::new());
    }
    let user = api.service_account_user(&client.uuid).await?;
    let mut mapped = api.assigned_roles(&user).await?;
    mapped.retain(|role| meant.contains(&role.id));
    // An empty body would be no harm, but none at all revokes everything: nothing is sent.
    if !mapped.is_empty() {
        api.remove_roles(&user, &mapped).await?;
    }
    Ok(mapped.into_iter().map(|role| role.name).collect())
}

/// The roles that are mapped directly.
pub(crate) async fn mapped(manager: &ClientManager, client: &AuthClient) -> Result<Vec<Role>, Error> {
    let user = manager.api().service_account_user(&client.uuid).await?;
    manager.api().assigned_roles(&user).await
}
