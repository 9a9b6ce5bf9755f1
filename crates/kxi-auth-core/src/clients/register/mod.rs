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
use crate::model::group::Group;
use crate::model::role_set::{ExactRoles, RoleSet};
use crate::model::stored_client::StoredClient;
use crate::roles::account::Account;
use crate::roles::change::Halted;
use crate::roles::composites::Composites;
use crate::roles::grants::warnings_of;
use crate::roles::groups::{self, Groups};
use crate::roles::keep::Keep;
use crate::roles::reconcile::Target;
use crate::roles::wanted::Existing;

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
    pub(crate) roles: RoleSet,
    pub(super) exact_roles: ExactRoles,
    pub(crate) groups: Vec<String>,
    pub(super) exact_groups: bool,
    allow_master_roles: bool,
    allow: Allow,
}

/// What bulk work reads once for many registrations.
#[derive(Default)]
pub(crate) struct Prefetched {
    /// The roles of the realm and of its clients.
    pub(crate) roles: Arc<Existing>,
    /// The client, if it exists. It may be outdated.
    pub(crate) client: Option<StoredClient>,
    /// What composite roles include.
    pub(crate) composites: Arc<Composites>,
}

impl RegisterClient {
    pub(crate) fn new(manager: &ClientManager, id: String) -> Self {
        Self {
            manager: manager.clone(),
            id,
            desired: Desired { service_account: true, ..Desired::default() },
            roles: RoleSet::default(),
            exact_roles: ExactRoles::Off,
            groups: Vec::new(),
            exact_groups: false,
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

    /// Whether the client is enabled. A disabled client exists, with its secret and its roles, and cannot sign in. Default:
    /// a new client is enabled, and a disabled one is an error unless [`convert`](Self::convert) is on.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.register_client("my-service").enabled(false).await?;
    /// # Ok(()) }
    /// ```
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.desired.enabled = Some(enabled);
        self
    }

    /// The realm roles and client roles to assign to the service account. Its other roles stay, unless
    /// [`exact_roles`](Self::exact_roles) is on. Default: [`Roles::All`](crate::Roles::All) and no client roles.
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
    pub fn roles(mut self, roles: impl Into<RoleSet>) -> Self {
        self.roles = roles.into();
        self
    }

    /// Revokes other roles: with `true` or [`ExactRoles::Named`] all other realm roles and the other roles of each client
    /// that [`roles`](Self::roles) names, with [`ExactRoles::All`] the roles of every other client too. The realm's
    /// [default role](ClientManager::default_role) stays. Default: false; roles are added and never revoked. Roles inherited
    /// through composite roles and groups are not changed.
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
    pub fn exact_roles(mut self, exact: impl Into<ExactRoles>) -> Self {
        self.exact_roles = exact.into();
        self
    }

    /// The groups that the service account is a member of, by their paths, such as `/market-data/feeds`. It gets their roles
    /// and those of their parents. It stays in other groups, unless [`exact_groups`](Self::exact_groups) is on. The groups
    /// have to exist. Default: none.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.register_client("my-service").groups(["/market-data/feeds"]).await?;
    /// println!("{} groups joined", client.groups_joined.len());
    /// # Ok(()) }
    /// ```
    pub fn groups<I>(mut self, paths: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.groups = paths.into_iter().map(Into::into).collect();
        self
    }

    /// Leaves all other groups. Default: false; groups are joined and never left.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let registration = manager.register_client("my-service").groups(["/market-data/feeds"]);
    /// println!("{} groups left", registration.exact_groups(true).await?.groups_left.len());
    /// # Ok(()) }
    /// ```
    pub fn exact_groups(mut self, exact: bool) -> Self {
        self.exact_groups = exact;
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
        self.roles.clients.keys().try_for_each(|client| validate::client_id(client))?;
        self.groups.iter().try_for_each(|path| validate::check_group_path(path))?;
        guard::builtin_id(&self.manager, &self.id, self.allow.builtin)?;
        guard::master_roles(&self.manager, &self.roles.realm, self.allow_master_roles)
    }

    /// Registers the client with what is known already, and reads the rest.
    pub(crate) async fn run(self, known: Prefetched) -> Result<Registration, Error> {
        self.check()?;
        // Both come before the create, so that a rejected registration leaves nothing behind.
        let existing = match known.client {
            Some(stored) => Some(stored),
            None => self.odd_client().await?,
        };
        let api = self.manager.api();
        let wanted = known.roles.wanted(api, &self.roles).await?;
        let wanted_groups = known.roles.groups(api, &self.groups).await?;
        let (Written { stored, changed, warnings: mut of_write }, outcome) = match existing {
            Some(stored) => self.adopt(stored).await?,
            None => self.create_or_adopt().await?,
        };
        let created = outcome == Some(Step::Create);
        let mut warnings = of_client(&stored, created, &self.desired.arguments.config);
        warnings.append(&mut of_write);
        warnings.extend(capped_lifespan(api, &stored.id, Some(&stored), &self.desired.arguments).await);
        let asked_for = wanted.clone();
        let keep = if !created && self.allow.protects(&self.manager, &stored.id).await? {
            Some(Keep { client_id: &stored.id, composites: &known.composites })
        } else {
            None
        };
        let account = Account::new(api, &stored.uuid);
        let target = Target {
            api,
            own: &stored.uuid,
            new: created,
            meant: &self.roles,
            exact: self.exact_roles,
            keep,
        };
        let change: Vec<Step> = outcome.into_iter().collect();
        let groups = Groups { api, exact: self.exact_groups, keep };
        // Before the roles are changed, because it can be rejected.
        let moves = groups.find(&account, &wanted_groups).await;
        let moves = moves.map_err(|cause| self.incomplete(change.clone(), Halted::groups(cause)))?;
        let roles = target.assign(&account, wanted).await;
        let roles = roles.map_err(|halt| self.incomplete(change.clone(), halt))?;
        let outcome = groups.carry_out(&account, moves).await;
        let moves = outcome.map_err(|halt| self.incomplete([change, roles.steps()].concat(), halt))?;
        warnings.extend(warnings_of(api, &asked_for, &known.composites).await);
        warnings.extend(groups::warnings(api, &moves.joined, &known.composites).await);
        Ok(Registration {
            client: self.manager.auth_client(stored),
            created,
            updated: changed && !created,
            roles_added: roles.added.into_iter().collect(),
            roles_revoked: roles.revoked.into_iter().collect(),
            groups_joined: paths(moves.joined),
            groups_left: paths(moves.left),
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

    /// The error if the roles or groups could not all be changed. `before` is what was done before.
    fn incomplete(&self, before: Vec<Step>, halt: Halted) -> Error {
        let Halted { done, failed, partly, in_doubt, cause } = halt;
        let is_new = before.contains(&Step::Create);
        let done = [before, done].concat();
        if done.is_empty() && !in_doubt && !partly {
            return cause;
        }
        Error::Incomplete(Incomplete {
            client: self.id.clone(),
            done,
            failed,
            in_doubt,
            steps: self.steps(is_new),
            hint: cause.hint_after_a_part(),
            cause: Box::new(cause),
        })
    }

    /// How many steps the registration has: the client, its roles, and its groups, each with what is taken away.
    fn steps(&self, is_new: bool) -> usize {
        let groups = !self.groups.is_empty() || self.exact_groups;
        let taken = [self.exact_roles != ExactRoles::Off && !is_new, self.exact_groups];
        2 + usize::from(groups) + taken.into_iter().filter(|taken| *taken).count()
    }
}

/// The paths of these groups.
pub(crate) fn paths(groups: Vec<Group>) -> Vec<String> {
    groups.into_iter().map(|group| group.path).collect()
}

impl IntoFuture for RegisterClient {
    type Output = Result<Registration, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("register_client", client_id = self.id);
        Box::pin(self.run(Prefetched::default()).instrument(span))
    }
}
