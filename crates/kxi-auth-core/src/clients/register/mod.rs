//! `register_client`: creates or updates a client, and assigns its roles.

mod allow;
pub(crate) mod registration;

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use secrecy::SecretString;
use tracing::Instrument as _;

use crate::clients::create::{Creation, create};
use crate::clients::register::registration::Registration;
use crate::clients::warnings::{capped_lifespan, of_client};
use crate::desired::arguments::ClientArguments;
use crate::desired::config::ClientConfig;
use crate::desired::verify::Written;
use crate::desired::{Desired, validate};
use crate::error::{Error, Incomplete, Step};
use crate::manager::guard::Allow;
use crate::manager::{ClientManager, guard};
use crate::model::role::{Role, Roles};
use crate::model::stored_client::StoredClient;
use crate::roles::grants::{Grants, warnings_of};
use crate::roles::reconcile::{Halted, Keep, Target, choose, names, wanted};

/// A request to register a client. Nothing is sent until it is awaited. It returns a [`Registration`].
///
/// Created by [`ClientManager::register_client`], which documents the errors.
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// use kxi_auth_core::{ClientConfig, Roles};
///
/// let config = ClientConfig::new().description("writes the trade feed");
/// let client = manager.register_client("my-service").config(config).roles(Roles::None).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a registration is not sent until it is awaited"]
pub struct RegisterClient {
    pub(crate) manager: ClientManager,
    pub(crate) id: String,
    pub(super) desired: Desired,
    pub(crate) roles: Roles,
    pub(super) exact_roles: bool,
    allow_master_roles: bool,
    allow: Allow,
}

/// What bulk work reads once for many registrations.
#[derive(Default)]
pub(crate) struct Prefetched {
    /// The realm's roles.
    pub(crate) roles: Option<Arc<[Role]>>,
    /// The client, if it exists. It may be outdated.
    pub(crate) client: Option<StoredClient>,
    /// The rights that composite roles grant.
    pub(crate) grants: Arc<Grants>,
}

impl RegisterClient {
    pub(crate) fn new(manager: &ClientManager, id: String) -> Self {
        Self {
            manager: manager.clone(),
            id,
            desired: Desired { service_account: true, ..Desired::default() },
            roles: Roles::default(),
            exact_roles: false,
            allow_master_roles: false,
            allow: Allow::default(),
        }
    }

    /// Sets the secret, the token lifespan and the config at once, in place of those that were set before.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::{AuthClient, ClientManager, Error};
    /// # async fn f(manager: ClientManager, client: AuthClient) -> Result<(), Error> {
    /// let arguments = kxi_auth_core::ClientArguments::new().token_lifespan(300);
    /// let client = manager.register_client("my-service").arguments(arguments).await?;
    /// # Ok(()) }
    /// ```
    pub fn arguments(mut self, arguments: ClientArguments) -> Self {
        self.desired.arguments = arguments;
        self
    }

    /// Sets the secret: see [`ClientArguments::secret`].
    pub fn secret(mut self, secret: SecretString) -> Self {
        self.desired.arguments = self.desired.arguments.secret(secret);
        self
    }

    /// Sets the secret that the client gets if it is new or has no secret. Otherwise the client keeps its secret. So the
    /// caller can store the secret of a new client before it becomes live. Default: a random one.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let secret = kxi_auth_core::generate_secret()?;
    /// let client = manager.register_client("my-service").secret_if_new(secret).await?;
    /// # Ok(()) }
    /// ```
    pub fn secret_if_new(mut self, secret: SecretString) -> Self {
        self.desired.secret_if_new = Some(secret);
        self
    }

    /// Sets the token lifespan in seconds: see [`ClientArguments::token_lifespan`].
    pub fn token_lifespan(mut self, seconds: i64) -> Self {
        self.desired.arguments = self.desired.arguments.token_lifespan(seconds);
        self
    }

    /// Sets further fields of the client: see [`ClientArguments::config`].
    pub fn config(mut self, config: ClientConfig) -> Self {
        self.desired.arguments = self.desired.arguments.config(config);
        self
    }

    /// The realm roles to assign to the service account. Its other roles stay, unless [`exact_roles`](Self::exact_roles)
    /// is on. Default: [`Roles::All`].
    ///
    /// Source: the argument `roles` of `register_client`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::{ClientManager, Error, Roles};
    /// # async fn f(manager: ClientManager) -> Result<(), Error> {
    /// let roles = Roles::named(["insights.query.data"]);
    /// let client = manager.register_client("my-service").roles(roles).await?;
    /// # Ok(()) }
    /// ```
    pub fn roles(mut self, roles: Roles) -> Self {
        self.roles = roles;
        self
    }

    /// Revokes all other realm roles except the realm's [default role](ClientManager::default_role). Default: false;
    /// roles are added and never revoked. Roles inherited through composite roles are not changed.
    ///
    /// Which role is the default is read if there is a role to revoke, once for a bulk operation, with at most one
    /// request in five minutes. An admin without `view-realm` gets [`Error::Forbidden`] then.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::{ClientManager, Error, Roles};
    /// # async fn f(manager: ClientManager) -> Result<(), Error> {
    /// let roles = Roles::named(["insights.query.data"]);
    /// let client = manager.register_client("my-service").roles(roles).exact_roles(true).await?;
    /// println!("{} roles revoked", client.roles_revoked.len());
    /// # Ok(()) }
    /// ```
    pub fn exact_roles(mut self, exact: bool) -> Self {
        self.exact_roles = exact;
        self
    }

    /// Checks everything that can be checked without the server. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`], [`Error::Builtin`], [`Error::MasterRoles`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn f(manager: kxi_auth_core::ClientManager) {
    /// assert!(manager.register_client("my-service").token_lifespan(0).check().is_err());
    /// # }
    /// ```
    pub fn check(&self) -> Result<(), Error> {
        validate::service_account_id(&self.id)?;
        self.desired.check()?;
        guard::builtin_id(&self.manager, &self.id, self.allow.builtin)?;
        guard::master_roles(&self.manager, &self.roles, self.allow_master_roles)
    }

    /// Registers the client with what is known already, and reads the rest.
    pub(crate) async fn run(self, known: Prefetched) -> Result<Registration, Error> {
        self.check()?;
        // Both come before the create, so that a rejected registration leaves nothing behind.
        let existing = match known.client {
            Some(stored) => Some(stored),
            None => self.odd_client().await?,
        };
        let wanted = match known.roles {
            Some(roles) => choose(&roles, &self.roles, self.manager.realm())?,
            None => wanted(self.manager.api(), &self.roles).await?,
        };
        let (Written { stored, changed, warnings: mut of_write }, outcome) = match existing {
            Some(stored) => self.adopt(stored).await?,
            None => self.create_or_adopt().await?,
        };
        let created = outcome == Some(Step::Create);
        let mut warnings = of_client(&stored, created, &self.desired.arguments.config);
        warnings.append(&mut of_write);
        let api = self.manager.api();
        warnings.extend(capped_lifespan(api, &stored.id, Some(&stored), &self.desired.arguments).await);
        let asked_for = wanted.clone();
        let keep = if !created && self.allow.protects(&self.manager, &stored.id).await? {
            Some(Keep { client_id: &stored.id, grants: &known.grants })
        } else {
            None
        };
        let target = Target {
            api: self.manager.api(),
            uuid: &stored.uuid,
            new: created,
            exact: self.exact_roles,
            keep,
        };
        let roles =
            target.assign(wanted, &self.roles).await.map_err(|halt| self.incomplete(outcome, halt))?;
        warnings.extend(warnings_of(self.manager.api(), &asked_for, &known.grants).await);
        Ok(Registration {
            client: self.manager.auth_client(stored),
            created,
            updated: changed && !created,
            roles_added: names(roles.added),
            roles_revoked: names(roles.revoked),
            warnings,
        })
    }

    /// Rejects an existing client that no request can change, or that the caller has to allow explicitly.
    /// Returns whether the sign-in as this client must not end.
    pub(crate) async fn guard(&self, stored: &StoredClient) -> Result<bool, Error> {
        stored.uuid.addressable(&stored.id)?;
        guard::builtin(&self.manager, stored, self.allow.builtin).await?;
        self.allow.protects(&self.manager, &stored.id).await
    }

    /// The existing client, if its ID is not allowed for new clients: every client that exists can be managed.
    async fn odd_client(&self) -> Result<Option<StoredClient>, Error> {
        let Err(rejected) = validate::new_client_id(&self.id) else { return Ok(None) };
        match self.manager.api().find_client(&self.id).await {
            Ok(stored) => stored.map(Some).ok_or(rejected),
            // Keycloak 26.7.3 cannot look up an ID with a control character other than a tab or a line end.
            Err(Error::Rejected { status: 400, .. }) => Err(rejected),
            Err(error) => Err(error),
        }
    }

    /// The client, and what was done to it, if anything. It tries to create the client first.
    async fn create_or_adopt(&self) -> Result<(Written, Option<Step>), Error> {
        match create(&self.manager, &self.id, &self.desired).await? {
            Creation::Created(written) => Ok((written, Some(Step::Create))),
            Creation::Exists { stored, .. } => self.adopt(stored).await,
        }
    }

    async fn adopt(&self, stored: StoredClient) -> Result<(Written, Option<Step>), Error> {
        let desired = Desired { keep_sign_in: self.guard(&stored).await?, ..self.desired.clone() };
        desired.apply(self.manager.api(), stored).await
    }

    /// The error if the roles could not be assigned or revoked. `change` is what was done to the client before.
    fn incomplete(&self, change: Option<Step>, halt: Halted) -> Error {
        let Halted { assigned, failed, in_doubt, cause } = halt;
        let done: Vec<Step> = change.into_iter().chain(assigned.then_some(Step::AssignRoles)).collect();
        if done.is_empty() && !in_doubt {
            return cause;
        }
        Error::Incomplete(Incomplete {
            client: self.id.clone(),
            done,
            failed,
            in_doubt,
            steps: if self.exact_roles && change != Some(Step::Create) { 3 } else { 2 },
            hint: cause.hint_after_a_part(),
            cause: Box::new(cause),
        })
    }
}

impl IntoFuture for RegisterClient {
    type Output = Result<Registration, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("register_client", client_id = self.id);
        Box::pin(self.run(Prefetched::default()).instrument(span))
    }
}
