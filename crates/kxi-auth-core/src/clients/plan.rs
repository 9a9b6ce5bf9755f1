//! Plans what a registration would change, without changing it.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use tracing::Instrument as _;

use crate::clients::lookup::details;
use crate::clients::register::{Prefetched, RegisterClient, paths};
use crate::clients::warnings::{capped_lifespan, not_stored, of_client};
use crate::desired::{Desired, validate};
use crate::error::Error;
use crate::manager::ClientManager;
use crate::model::client_details::ClientDetails;
use crate::model::field_change::FieldChange;
use crate::model::role_set::RoleNames;
use crate::model::warning::Warning;
use crate::roles::account::Seen;
use crate::roles::grants::warnings_of;
use crate::roles::groups::{self, Groups, Moves};
use crate::roles::keep::Keep;
use crate::roles::reconcile::{Difference, Target};

/// The changes that a registration would make.
///
/// Returned by [`RegisterClient::plan`] and [`ClientManager::plan_clients`].
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let plan = manager.register_client("my-service").token_lifespan(300).plan().await?;
/// for change in &plan.changes {
///     println!("{} would change", change.field);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RegistrationPlan {
    /// The client ID.
    pub id: String,
    /// The stored client. `None` if the registration would create it.
    pub stored: Option<ClientDetails>,
    /// The fields that would be set, sorted by name.
    pub changes: Vec<FieldChange>,
    /// Names of the roles that would be added.
    pub roles_added: RoleNames,
    /// Names of the roles that would be revoked. Empty without [`exact_roles`](RegisterClient::exact_roles).
    pub roles_revoked: RoleNames,
    /// The paths of the groups that would be joined.
    pub groups_joined: Vec<String>,
    /// The paths of the groups that would be left. Empty without [`exact_groups`](RegisterClient::exact_groups).
    pub groups_left: Vec<String>,
    /// The warnings of the registration.
    pub warnings: Vec<Warning>,
}

impl RegistrationPlan {
    /// Whether the registration would change nothing.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// manager.register_client("my-service").await?;
    /// assert!(manager.register_client("my-service").plan().await?.is_unchanged());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.stored.is_some()
            && self.changes.is_empty()
            && self.roles_added.is_empty()
            && self.roles_revoked.is_empty()
            && self.groups_joined.is_empty()
            && self.groups_left.is_empty()
    }
}

/// A request to plan a registration. Nothing is sent until it is awaited. It reads and never writes.
///
/// Created by [`RegisterClient::plan`].
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let plan = manager.register_client("my-service").plan().await?;
/// println!("{}", if plan.stored.is_none() { "would be created" } else { "exists" });
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a plan is not made until it is awaited"]
pub struct PlanClient {
    pub(crate) manager: ClientManager,
    pub(crate) registration: RegisterClient,
}

impl RegisterClient {
    /// Plans the registration. What the registration would reject is rejected here too. None of its requests writes. 4
    /// requests with realm roles, or 3 if the client does not exist (4 if it may be hidden from the admin). Two more for
    /// each client whose roles are named, and one for each group and for the groups of the account. One more with [`exact_roles`](Self::exact_roles) if there is a
    /// role to revoke, for the realm's default role, or with a wanted token lifespan or a new session limit for a stored one,
    /// for the session limits of the realm, which can be lower ([`Warning::LifespanCapped`]). Both are read at once, at most once in five minutes.
    ///
    /// # Errors
    ///
    /// Those of [`ClientManager::register_client`], except conflicts, which only the registration itself shows.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let registration = manager.register_client("my-service").token_lifespan(300);
    /// if !registration.clone().plan().await?.is_unchanged() {
    ///     registration.await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn plan(self) -> PlanClient {
        PlanClient { manager: self.manager.clone(), registration: self }
    }
    /// The plan with what is known already. A client that is not known does not exist.
    pub(crate) async fn planned(self, known: Prefetched) -> Result<RegistrationPlan, Error> {
        self.check()?;
        let manager = &self.manager;
        let keep_sign_in = if let Some(stored) = &known.client {
            self.guard(stored).await?
        } else {
            validate::new_client_id(&self.id)?;
            false
        };
        let desired = Desired { keep_sign_in, ..self.desired.clone() };
        let changes = desired.plan(known.client.as_ref())?;
        let api = manager.api();
        let wanted = known.roles.wanted(api, &self.roles).await?;
        let wanted_groups = known.roles.groups(api, &self.groups).await?;
        let config = &self.desired.arguments.config;
        let mut warnings = match &known.client {
            Some(stored) => of_client(stored, false, config),
            None => not_stored(&self.id, None, config),
        };
        let (stored, arguments) = (known.client.as_ref(), &self.desired.arguments);
        warnings.extend(capped_lifespan(manager.api(), &self.id, stored, arguments).await);
        let (roles, moves) = match &known.client {
            Some(stored) => {
                let new = !stored.service_accounts();
                let keep =
                    keep_sign_in.then_some(Keep { client_id: &stored.id, composites: &known.composites });
                let account = Seen::new(api, stored);
                let target =
                    Target { api, own: &stored.uuid, new, meant: &self.roles, exact: self.exact_roles, keep };
                let roles = target.plan(&account, wanted.clone()).await?;
                let groups = Groups { api, exact: self.exact_groups, keep };
                (roles, groups.plan(&account, &wanted_groups).await?)
            }
            None => (
                Difference { added: wanted.clone(), revoked: Vec::new() },
                Moves { joined: wanted_groups, left: Vec::new() },
            ),
        };
        warnings.extend(warnings_of(api, &wanted, &known.composites).await);
        warnings.extend(groups::warnings(api, &moves.joined, &known.composites).await);
        let stored = match known.client {
            Some(stored) => Some(details(manager, stored, true).await?),
            None => None,
        };
        Ok(RegistrationPlan {
            stored,
            changes,
            roles_added: roles.added.into_iter().collect(),
            roles_revoked: roles.revoked.into_iter().collect(),
            groups_joined: paths(moves.joined),
            groups_left: paths(moves.left),
            warnings,
            id: self.id,
        })
    }
}

impl PlanClient {
    async fn run(self) -> Result<RegistrationPlan, Error> {
        self.registration.check()?;
        let client = self.manager.api().find_client(&self.registration.id).await?;
        if client.is_none() {
            self.manager.api().rule_out_hidden(&self.registration.id).await?;
        }
        self.registration.planned(Prefetched { client, ..Prefetched::default() }).await
    }
}

impl IntoFuture for PlanClient {
    type Output = Result<RegistrationPlan, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("plan_client", client_id = self.registration.id);
        Box::pin(self.run().instrument(span))
    }
}
