//! Compares the roles of a service account with the wanted ones, and assigns and revokes the difference.

use std::collections::HashSet;

use crate::admin::Api;
use crate::error::{Error, Step};
use crate::model::client_uuid::ClientUuid;
use crate::model::role::{Role, UMA_PROTECTION};
use crate::model::role_set::{ExactRoles, RoleNames, RoleSet};
use crate::roles::account::{self, Account, Seen};
use crate::roles::change::{self, Halted, ROUNDS, mapped};
use crate::roles::keep::Keep;
use crate::roles::wanted::Existing;

/// How the roles of a service account are reconciled.
pub(crate) struct Target<'a> {
    pub(crate) api: &'a Api,
    /// The client whose service account it is.
    pub(crate) own: &'a ClientUuid,
    /// Whether the account is new. Then nothing has to be read: it has only the default role.
    pub(crate) new: bool,
    /// The roles that were asked for.
    pub(crate) meant: &'a RoleSet,
    /// Which other roles are revoked.
    pub(crate) exact: ExactRoles,
    /// Set if the account must keep its permissions.
    pub(crate) keep: Option<Keep<'a>>,
}

/// The roles that were, or would be, added and revoked.
#[derive(Default)]
pub(crate) struct Difference {
    pub(crate) added: Vec<Role>,
    pub(crate) revoked: Vec<Role>,
}

impl Difference {
    /// The steps that made it.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let assigned = (!self.added.is_empty()).then_some(Step::AssignRoles);
        let revoked = (!self.revoked.is_empty()).then_some(Step::RevokeRoles);
        assigned.into_iter().chain(revoked).collect()
    }
}

impl Target<'_> {
    /// Assigns the wanted roles that are missing, and in exact mode revokes the others.
    pub(crate) async fn assign(
        &self,
        account: &Account<'_>,
        wanted: Vec<Role>,
    ) -> Result<Difference, Halted> {
        let mut done = Difference::default();
        if wanted.is_empty() && (self.new || self.exact == ExactRoles::Off) {
            return Ok(done);
        }
        match self.reconcile(account, wanted, &mut done).await {
            Ok(()) => Ok(done),
            Err(halt) if halt.failed == Step::RevokeRoles => {
                let Difference { added, revoked } = done;
                let before = (!added.is_empty()).then_some(Step::AssignRoles).into_iter().collect();
                Err(Halted { done: before, partly: !revoked.is_empty(), ..halt })
            }
            Err(halt) => Err(Halted { partly: !done.added.is_empty(), ..halt }),
        }
    }

    async fn reconcile(
        &self,
        account: &Account<'_>,
        mut wanted: Vec<Role>,
        done: &mut Difference,
    ) -> Result<(), Halted> {
        let user = account.user().await?;
        for round in 1.. {
            let mapped =
                if self.new && round == 1 { Vec::new() } else { mapped(self.api, user, self.all()).await? };
            let Difference { added, revoked } = self.difference(&wanted, mapped).await?;
            if change::assign(self.api, user, added.clone(), &mut done.added).await? {
                change::revoke(self.api, user, revoked, &mut done.revoked).await?;
                break;
            }
            // One of the roles was deleted after it was read.
            let now = Existing::default().wanted(self.api, self.meant).await?;
            if round == ROUNDS {
                return Err(vanishing(&added, &now).into());
            }
            wanted = now;
        }
        Ok(())
    }

    /// The changes that [`assign`](Self::assign) would make. An account that is not turned on yet, or whose user was
    /// deleted, will have only the default role.
    pub(crate) async fn plan(&self, account: &Seen<'_>, wanted: Vec<Role>) -> Result<Difference, Error> {
        if self.new || (wanted.is_empty() && self.exact == ExactRoles::Off) {
            return Ok(Difference { added: wanted, revoked: Vec::new() });
        }
        match account.user().await? {
            Some(user) => self.difference(&wanted, mapped(self.api, user, self.all()).await?).await,
            None => Ok(Difference { added: wanted, revoked: Vec::new() }),
        }
    }

    /// Whether client roles are read, and not only the roles of the realm.
    fn all(&self) -> bool {
        !self.meant.clients.is_empty() || self.exact == ExactRoles::All
    }

    /// Whether the role is revoked unless it is wanted.
    fn covers(&self, role: &Role) -> bool {
        match (self.exact, &role.client) {
            (ExactRoles::Off, _) => false,
            // The server assigns it to a client with authorization services, which cannot work without it.
            (ExactRoles::All | ExactRoles::Named, Some(_))
                if role.name == UMA_PROTECTION && role.client_uuid.as_ref() == Some(self.own) =>
            {
                false
            }
            (ExactRoles::All, _) | (ExactRoles::Named, None) => true,
            (ExactRoles::Named, Some(client)) => self.meant.clients.contains_key(client),
        }
    }

    async fn difference(&self, wanted: &[Role], mapped: Vec<Role>) -> Result<Difference, Error> {
        let has = |roles: &[Role]| roles.iter().map(|role| role.id.clone()).collect::<HashSet<String>>();
        let (has_mapped, has_wanted) = (has(&mapped), has(wanted));
        let added = wanted.iter().filter(|role| !has_mapped.contains(&role.id)).cloned().collect();
        let mut revoked = mapped;
        revoked.retain(|role| self.covers(role) && !has_wanted.contains(&role.id));
        // It has the memory of all assigned roles.
        revoked.shrink_to_fit();
        if revoked.iter().any(|role| role.client_uuid.is_none()) {
            // Without the default role the account would lose the roles that the realm assigns to every user.
            let default = self.api.default_role().await?;
            revoked.retain(|role| role.id != default.id);
        }
        if let Some(keep) = self.keep {
            keep.reject_loss(self.api, &revoked).await?;
        }
        Ok(Difference { added, revoked })
    }
}

/// The error if a role is deleted again and again before it can be assigned.
fn vanishing(sent: &[Role], now: &[Role]) -> Error {
    let gone = |role: &&Role| now.iter().all(|other| other.id != role.id);
    // The role may exist again by now: the server does not say which role was missing.
    let name = sent.iter().find(gone).or(sent.first()).map(Role::shown).unwrap_or_default();
    let reason = format!(
        "a requested role was deleted {ROUNDS} times before it could be assigned; try again when no roles are being \
         deleted"
    );
    Error::Conflict { what: "role", name, reason, hint: None, request: None }
}

/// Revokes the roles that are assigned, and returns their names.
pub(crate) async fn revoke(
    api: &Api,
    client: (&str, &ClientUuid),
    roles: &RoleSet,
    keep: Option<Keep<'_>>,
) -> Result<RoleNames, Error> {
    let (id, uuid) = client;
    uuid.addressable(id)?;
    // This also rejects unknown names, so that a misspelt role does not pass as revoked.
    let wanted = Existing::default().wanted(api, roles).await?;
    let meant: HashSet<String> = wanted.into_iter().map(|role| role.id).collect();
    if meant.is_empty() {
        return Ok(RoleNames::default());
    }
    // The server knows the user by its client, and not only by its name.
    let user = api.service_account_user(uuid).await?;
    let mut mapped = mapped(api, &user, !roles.clients.is_empty()).await?;
    mapped.retain(|role| meant.contains(&role.id));
    if let Some(keep) = keep {
        keep.reject_loss(api, &mapped).await?;
    }
    let mut revoked = Vec::new();
    let outcome = change::revoke(api, &user, mapped, &mut revoked).await;
    outcome.map_err(|halt| Halted { partly: !revoked.is_empty(), ..halt }.alone(id))?;
    Ok(revoked.into_iter().collect())
}

/// The roles that are assigned directly. If the account's user was deleted, it has none.
pub(crate) async fn assigned(api: &Api, client: (&str, &ClientUuid)) -> Result<Vec<Role>, Error> {
    match account::of_client(api, client).await? {
        Some(user) => mapped(api, &user, true).await,
        None => Ok(Vec::new()),
    }
}
