//! Realm roles of a service account: choosing, adding, revoking, reading.

use std::collections::HashSet;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use tracing::Instrument as _;

use crate::admin::{Api, UserId};
use crate::error::Error;
use crate::manager::ClientManager;
use crate::manager::guard;
use crate::model::auth_client::{AuthClient, ClientUuid};
use crate::model::role::{Role, Roles, pick};

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
        let target = Target { manager: &self.manager, uuid: &self.uuid, new: false, exact: false };
        let Difference { added, .. } = target.assign(wanted, &self.roles).await?;
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

/// The service account whose roles are to be as they are meant.
pub(crate) struct Target<'a> {
    pub(crate) manager: &'a ClientManager,
    pub(crate) uuid: &'a ClientUuid,
    /// Of a new one nothing needs to be read: it has the default role and no other.
    pub(crate) new: bool,
    /// Whether roles that are not meant are revoked.
    pub(crate) exact: bool,
}

/// What was, or would be, changed.
#[derive(Default)]
pub(crate) struct Difference {
    pub(crate) added: Vec<Role>,
    pub(crate) revoked: Vec<Role>,
}

impl Target<'_> {
    /// Maps those of the roles that are not mapped yet, in one request, and revokes the others if that is
    /// meant.
    pub(crate) async fn assign(&self, mut wanted: Vec<Role>, meant: &Roles) -> Result<Difference, Error> {
        let exact = self.exact && !self.new;
        if wanted.is_empty() && !exact {
            return Ok(Difference::default());
        }
        let api = self.manager.api();
        let user = api.service_account_user(self.uuid).await?;
        let mut round = 0;
        loop {
            let mapped = if self.new && round == 0 { Vec::new() } else { api.assigned_roles(&user).await? };
            let Difference { added, revoked } = self.difference(&wanted, mapped);
            if added.is_empty() || api.add_roles(&user, &added).await? {
                let revoked = remove(api, &user, revoked).await?;
                return Ok(Difference { added, revoked });
            }
            // One of them was deleted since they were read; nothing was mapped.
            round += 1;
            let now = self::wanted(self.manager, meant).await?;
            if round == ROUNDS {
                return Err(vanishing(&added, &now));
            }
            wanted = now;
        }
    }

    /// What [`assign`](Self::assign) would change. An account that is still to be turned on has nothing
    /// but the default role then.
    pub(crate) async fn plan(&self, wanted: Vec<Role>) -> Result<Difference, Error> {
        if self.new || (wanted.is_empty() && !self.exact) {
            return Ok(Difference { added: wanted, revoked: Vec::new() });
        }
        let user = self.manager.api().service_account_user(self.uuid).await?;
        let mapped = self.manager.api().assigned_roles(&user).await?;
        Ok(self.difference(&wanted, mapped))
    }

    fn difference(&self, wanted: &[Role], mapped: Vec<Role>) -> Difference {
        let has = |roles: &[Role]| roles.iter().map(|role| role.id.clone()).collect::<HashSet<String>>();
        let (has_mapped, has_wanted) = (has(&mapped), has(wanted));
        let added = wanted.iter().filter(|role| !has_mapped.contains(&role.id)).cloned().collect();
        // Without the default role the account would lose what the realm gives to each user.
        let realm = self.manager.realm();
        let left_over = |role: &Role| !has_wanted.contains(&role.id) && !role.is_default_of(realm);
        let revoked = mapped.into_iter().filter(|role| self.exact && left_over(role)).collect();
        Difference { added, revoked }
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
    let revoked = remove(api, &user, mapped).await?;
    Ok(revoked.into_iter().map(|role| role.name).collect())
}

/// Revokes these mapped roles, and returns those that it did revoke. If one of them was deleted meanwhile,
/// the server revokes none: then what is still mapped is read again.
async fn remove(api: &Api, user: &UserId, mut roles: Vec<Role>) -> Result<Vec<Role>, Error> {
    let mut round = 1;
    // An empty body would be no harm, but none at all revokes everything: nothing is sent.
    while !roles.is_empty() && !api.remove_roles(user, &roles).await? {
        if round == ROUNDS {
            let name = roles.swap_remove(0).name;
            let reason =
                format!("it, or another of the roles, was deleted {ROUNDS} times while they were revoked");
            return Err(Error::Conflict { what: "role", name, reason, request: None });
        }
        round += 1;
        let mapped: HashSet<String> =
            api.assigned_roles(user).await?.into_iter().map(|role| role.id).collect();
        roles.retain(|role| mapped.contains(&role.id));
    }
    Ok(roles)
}

/// The roles that are mapped directly.
pub(crate) async fn mapped(manager: &ClientManager, client: &AuthClient) -> Result<Vec<Role>, Error> {
    let user = manager.api().service_account_user(&client.uuid).await?;
    manager.api().assigned_roles(&user).await
}
