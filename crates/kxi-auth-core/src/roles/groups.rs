//! The groups of a service account.

use std::collections::HashSet;

use crate::admin::Api;
use crate::admin::groups::Membership;
use crate::admin::users::UserId;
use crate::error::{Error, Step};
use crate::model::client_uuid::ClientUuid;
use crate::model::group::{Group, GroupGrants, ServiceAccount};
use crate::model::role::Role;
use crate::model::warning::Warning;
use crate::roles::account::{self, Account, Seen};
use crate::roles::change::Halted;
use crate::roles::composites::Composites;
use crate::roles::grants::warnings_of_groups;
use crate::roles::keep::Keep;

/// The most groups of a service account, their parents among them. A faulty server could name parents without end.
const MOST: usize = 1000;

/// How the groups of a service account are reconciled.
pub(crate) struct Groups<'a> {
    pub(crate) api: &'a Api,
    /// Whether the account leaves other groups.
    pub(crate) exact: bool,
    /// Set if the account must keep its permissions.
    pub(crate) keep: Option<Keep<'a>>,
}

/// The groups that were, or would be, joined and left.
#[derive(Default)]
pub(crate) struct Moves {
    pub(crate) joined: Vec<Group>,
    pub(crate) left: Vec<Group>,
}

impl Groups<'_> {
    /// The changes that [`carry_out`](Self::carry_out) has to make.
    pub(crate) async fn find(&self, account: &Account<'_>, wanted: &[Group]) -> Result<Moves, Error> {
        if wanted.is_empty() && !self.exact {
            return Ok(Moves::default());
        }
        self.moves(wanted, self.api.groups_of(account.user().await?).await?).await
    }

    /// Joins and leaves these groups: one request for each.
    pub(crate) async fn carry_out(&self, account: &Account<'_>, moves: Moves) -> Result<Moves, Halted> {
        let mut done = Moves::default();
        if moves.joined.is_empty() && moves.left.is_empty() {
            return Ok(done);
        }
        let user = account.user().await.map_err(Halted::groups)?;
        for group in moves.joined {
            let halted = |halt| Halted { partly: !done.joined.is_empty(), ..halt };
            if !change(self.api, user, &group, Step::JoinGroups).await.map_err(halted)? {
                let gone = Error::unknown_groups(self.api.realm(), vec![group.path]);
                return Err(halted(Halted::groups(gone)));
            }
            done.joined.push(group);
        }
        for group in moves.left {
            let before = || (!done.joined.is_empty()).then_some(Step::JoinGroups).into_iter().collect();
            let halted = |halt| Halted { done: before(), partly: !done.left.is_empty(), ..halt };
            // If it was deleted in the meantime, there is nothing to leave.
            if change(self.api, user, &group, Step::LeaveGroups).await.map_err(halted)? {
                done.left.push(group);
            }
        }
        Ok(done)
    }

    /// The changes that a registration would make.
    pub(crate) async fn plan(&self, account: &Seen<'_>, wanted: &[Group]) -> Result<Moves, Error> {
        if wanted.is_empty() && !self.exact {
            return Ok(Moves::default());
        }
        match account.user().await? {
            Some(user) => self.moves(wanted, self.api.groups_of(user).await?).await,
            None => Ok(Moves { joined: wanted.to_vec(), left: Vec::new() }),
        }
    }

    async fn moves(&self, wanted: &[Group], current: Vec<Group>) -> Result<Moves, Error> {
        let ids = |groups: &[Group]| groups.iter().map(|group| group.id.clone()).collect::<HashSet<_>>();
        let (has_current, has_wanted) = (ids(&current), ids(wanted));
        let joined = wanted.iter().filter(|group| !has_current.contains(&group.id)).cloned().collect();
        let mut left = current;
        left.retain(|group| self.exact && !has_wanted.contains(&group.id));
        if let Some(keep) = self.keep {
            for group in &left {
                let granted = roles_of(self.api, group.clone()).await?;
                keep.reject_loss(self.api, &granted).await?;
            }
        }
        Ok(Moves { joined, left })
    }
}

/// Joins or leaves the group. False if it does not exist. If the response is lost, what is stored decides.
async fn change(api: &Api, user: &UserId, group: &Group, step: Step) -> Result<bool, Halted> {
    let joins = step == Step::JoinGroups;
    let outcome = if joins { api.join(user, group).await } else { api.leave(user, group).await };
    match outcome.map_err(|cause| Halted::at(step, false, cause))? {
        Membership::Changed => Ok(true),
        Membership::GroupGone => Ok(false),
        Membership::InDoubt(cause) => match api.groups_of(user).await {
            Ok(groups) if groups.iter().any(|current| current.id == group.id) == joins => Ok(true),
            Ok(_) | Err(_) => Err(Halted::at(step, true, cause)),
        },
    }
}

/// The roles and the groups of the account. If its user was deleted, it has none.
pub(super) async fn account(api: &Api, client: (&str, &ClientUuid)) -> Result<ServiceAccount, Error> {
    let Some(user) = account::of_client(api, client).await? else { return Ok(ServiceAccount::default()) };
    let roles = api.assigned_roles(&user).await?;
    let groups = api.groups_of(&user).await?.into_iter().map(|group| group.path).collect();
    Ok(ServiceAccount { roles, groups })
}

/// The paths of the groups that the account is a member of. If its user was deleted, it has none.
pub(super) async fn paths(api: &Api, client: (&str, &ClientUuid)) -> Result<Vec<String>, Error> {
    let Some(user) = account::of_client(api, client).await? else { return Ok(Vec::new()) };
    Ok(api.groups_of(&user).await?.into_iter().map(|group| group.path).collect())
}

/// Each group of the account with the roles that are assigned to it and to its parents.
pub(super) async fn grants(api: &Api, client: (&str, &ClientUuid)) -> Result<Vec<GroupGrants>, Error> {
    let Some(user) = account::of_client(api, client).await? else { return Ok(Vec::new()) };
    let mut grants = Vec::new();
    for group in api.groups_of(&user).await? {
        let path = group.path.clone();
        grants.push(GroupGrants { path, roles: roles_of(api, group).await?.into_iter().collect() });
    }
    Ok(grants)
}

/// Warns about those of these groups that grant rights to administer the realm.
pub(crate) async fn warnings(api: &Api, joined: &[Group], composites: &Composites) -> Vec<Warning> {
    let mut granted = Vec::new();
    for group in joined {
        match roles_of(api, group.clone()).await {
            Ok(roles) => granted.push((group.path.clone(), roles)),
            // It must not make a finished registration fail.
            Err(error) => {
                let (role, reason) = (group.path.clone(), error.to_string());
                return vec![Warning::NotChecked { role, reason }];
            }
        }
    }
    warnings_of_groups(api, granted, composites).await
}

async fn roles_of(api: &Api, group: Group) -> Result<Vec<Role>, Error> {
    let mut roles = Vec::new();
    for group in with_parents(api, vec![group]).await? {
        roles.extend(api.roles_of_group(&group).await?);
    }
    Ok(roles)
}

/// These groups and all their parents, whose roles the members have too. Each once.
pub(super) async fn with_parents(api: &Api, groups: Vec<Group>) -> Result<Vec<Group>, Error> {
    let (mut seen, mut all, mut open) = (HashSet::new(), Vec::new(), groups);
    while let Some(group) = open.pop() {
        if !seen.insert(group.id.clone()) {
            continue;
        }
        if all.len() == MOST {
            let reason = format!("a user is in more than {MOST} groups, their parents among them");
            return Err(Error::Protocol { request: api.groups_line(), reason });
        }
        open.extend(parent(api, &group).await?);
        all.push(group);
    }
    Ok(all)
}

async fn parent(api: &Api, group: &Group) -> Result<Option<Group>, Error> {
    match (&group.parent, group.parent_path()) {
        (Some(id), _) => api.group(id).await.map(Some),
        (None, Some(path)) => api.group_at(path).await,
        (None, None) => Ok(None),
    }
}
