//! Plans what a registration would change, without changing it.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use tracing::Instrument as _;

use crate::clients::lookup::details;
use crate::clients::register::{Prefetched, RegisterClient};
use crate::clients::warnings::{capped_lifespan, not_stored, of_client};
use crate::desired::{Desired, validate};
use crate::error::Error;
use crate::manager::ClientManager;
use crate::model::client_details::ClientDetails;
use crate::model::field_change::FieldChange;
use crate::model::warning::Warning;
use crate::roles::grants::warnings_of;
use crate::roles::reconcile::{Difference, Keep, Target, choose, names, wanted};

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
    pub roles_added: Vec<String>,
    /// Names of the roles that would be revoked. Empty without [`exact_roles`](RegisterClient::exact_roles).
    pub roles_revoked: Vec<String>,
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
    /// Plans the registration. What the registration would reject is rejected here too. 3 requests, or 4 if the client
    /// does not exist (5 if it may be hidden from the admin). One more with [`exact_roles`](Self::exact_roles) if there is a
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
        let wanted = match known.roles {
            Some(roles) => choose(&roles, &self.roles, manager.realm())?,
            None => wanted(manager.api(), &self.roles).await?,
        };
        let config = &self.desired.arguments.config;
        let mut warnings = match &known.client {
            Some(stored) => of_client(stored, false, config),
            None => not_stored(&self.id, None, config),
        };
        let (stored, arguments) = (known.client.as_ref(), &self.desired.arguments);
        warnings.extend(capped_lifespan(manager.api(), &self.id, stored, arguments).await);
        let roles = match &known.client {
            Some(stored) => {
                let new = !stored.service_accounts();
                let keep = keep_sign_in.then_some(Keep { client_id: &stored.id, grants: &known.grants });
                let target =
                    Target { api: manager.api(), uuid: &stored.uuid, new, exact: self.exact_roles, keep };
                target.plan(wanted.clone()).await?
            }
            None => Difference { added: wanted.clone(), revoked: Vec::new() },
        };
        warnings.extend(warnings_of(manager.api(), &wanted, &known.grants).await);
        let stored = match known.client {
            Some(stored) => Some(details(manager, stored, true).await?),
            None => None,
        };
        Ok(RegistrationPlan {
            stored,
            changes,
            roles_added: names(roles.added),
            roles_revoked: names(roles.revoked),
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
