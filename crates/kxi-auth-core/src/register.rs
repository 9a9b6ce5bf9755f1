//! `register_client` and `register_new_client`: create a client, or bring it up to date, and give
//! it its roles.

use std::future::{Future, IntoFuture};
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;

use secrecy::SecretString;
use tracing::Instrument as _;

use crate::api::{Created, NewClient};
use crate::assign;
use crate::auth_client::AuthClient;
use crate::config::ClientConfig;
use crate::desired::Desired;
use crate::error::Error;
use crate::found::FoundClient;
use crate::guard;
use crate::manager::ClientManager;
use crate::roles::{Role, Roles};
use crate::warning::{self, Grants, Warning};
use crate::{random, validate};

/// A registration that is described but not sent: add arguments, then `.await` it.
///
/// Made by [`ClientManager::register_client`].
#[derive(Debug, Clone)]
#[must_use = "a registration is not sent until it is awaited"]
pub struct RegisterClient {
    pub(crate) manager: ClientManager,
    pub(crate) id: String,
    desired: Desired,
    pub(crate) roles: Roles,
    allow_master_roles: bool,
    allow_builtin: bool,
}

/// What a registration did. It dereferences to the [`AuthClient`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Registration {
    /// The client's credentials.
    pub client: AuthClient,
    /// Whether the client is new; otherwise it was there and was kept.
    pub created: bool,
    /// Names of the realm roles that were mapped now, in the order sent.
    pub roles_added: Vec<String>,
    /// What was done as asked, but may not be what was meant.
    pub warnings: Vec<Warning>,
}

impl Deref for Registration {
    type Target = AuthClient;

    fn deref(&self) -> &AuthClient {
        &self.client
    }
}

impl From<Registration> for AuthClient {
    fn from(registration: Registration) -> Self {
        registration.client
    }
}

/// What was read beforehand for many registrations together.
#[derive(Default)]
pub(crate) struct Known {
    /// The realm's roles.
    pub(crate) roles: Option<Arc<[Role]>>,
    /// The client, if it was seen to exist; read but perhaps outdated.
    pub(crate) client: Option<FoundClient>,
    /// What composite roles grant.
    pub(crate) grants: Arc<Grants>,
}

impl RegisterClient {
    pub(crate) fn new(manager: &ClientManager, id: String) -> Self {
        Self {
            manager: manager.clone(),
            id,
            desired: Desired { service_account: true, ..Desired::default() },
            roles: Roles::default(),
            allow_master_roles: false,
            allow_builtin: false,
        }
    }

    /// The secret to set, 1 to 255 characters. Default: an existing client keeps its own, a new one
    /// gets a random one.
    pub fn secret(mut self, secret: SecretString) -> Self {
        self.desired.secret = Some(secret);
        self
    }

    /// How long the client's access tokens live, in seconds, 1 to 2,147,483,647. Default: what the
    /// client has; for a new one the realm's.
    pub fn token_lifespan(mut self, seconds: i64) -> Self {
        self.desired.token_lifespan = Some(seconds);
        self
    }

    /// Further fields of the client. Default: none.
    pub fn config(mut self, config: ClientConfig) -> Self {
        self.desired.config = config;
        self
    }

    /// The realm roles to add to the service account; none is ever revoked. Default: [`Roles::All`].
    pub fn roles(mut self, roles: Roles) -> Self {
        self.roles = roles;
        self
    }

    /// Allows [`Roles::All`] in the realm `master`, where it includes `admin`. Default: refused.
    pub fn allow_master_roles(mut self, allow: bool) -> Self {
        self.allow_master_roles = allow;
        self
    }

    /// Allows a client that the platform or Keycloak itself needs. Default: refused.
    pub fn allow_builtin(mut self, allow: bool) -> Self {
        self.allow_builtin = allow;
        self
    }

    /// Turns an existing client that is public, bearer-only, disabled, of another protocol or
    /// authenticator into a service account. It can break a browser sign-in. Default: refused.
    pub fn convert(mut self, convert: bool) -> Self {
        self.desired.convert = convert;
        self
    }

    /// Everything that can be refused without asking the server.
    pub(crate) fn check(&self) -> Result<(), Error> {
        validate::service_account_id(&self.id)?;
        self.desired.check()?;
        guard::builtin(&self.manager, &self.id, self.allow_builtin)?;
        guard::master_roles(&self.manager, &self.roles, self.allow_master_roles)
    }

    /// Registers with what is known already; reads the rest.
    pub(crate) async fn run(self, known: Known) -> Result<Registration, Error> {
        self.check()?;
        // Both before the create, so that what is refused leaves nothing behind.
        let existing = match known.client {
            Some(found) => Some(found),
            None => self.odd_client().await?,
        };
        let wanted = match known.roles {
            Some(roles) => assign::choose(&roles, &self.roles, self.manager.realm())?,
            None => assign::wanted(&self.manager, &self.roles).await?,
        };
        let (found, created) = match existing {
            Some(found) => (self.desired.apply(&self.manager, found).await?, false),
            None => self.create_or_adopt().await?,
        };
        let mut warnings = warning::of_client(&found, created, &self.desired.config);
        let roles_added =
            assign::add_missing(&self.manager, &found.uuid, created, wanted, &self.roles).await?;
        warnings.extend(warning::of_roles(&self.manager, &roles_added, &known.grants).await?);
        let roles_added = roles_added.into_iter().map(|role| role.name).collect();
        Ok(Registration { client: self.manager.auth_client(found), created, roles_added, warnings })
    }

    /// The client, where its id is one that is not given to new clients: what exists must stay
    /// manageable.
    async fn odd_client(&self) -> Result<Option<FoundClient>, Error> {
        let Err(refused) = validate::new_client_id(&self.id) else { return Ok(None) };
        self.manager.api().find_client(&self.id).await?.map(Some).ok_or(refused)
    }

    /// The client, and whether it is new. Creating is tried first: the server alone can tell
    /// without a race whether the name is free.
    async fn create_or_adopt(&self) -> Result<(FoundClient, bool), Error> {
        let new = new_client(&self.id, &self.desired)?;
        match self.manager.api().create_client(&new).await? {
            Created::New => Ok((existing(new), true)),
            // 409 does not prove that this client exists: the service account's user name is the
            // lower-cased client id, so another spelling or a user can stand in the way.
            Created::Taken(words) => match self.manager.api().find_client(&self.id).await? {
                // The answer to an earlier attempt was lost.
                Some(found) if found.uuid == new.uuid => Ok((existing(new), true)),
                Some(found) => Ok((self.desired.apply(&self.manager, found).await?, false)),
                None => Err(taken(&self.manager, &self.id, &words).await),
            },
        }
    }
}

impl IntoFuture for RegisterClient {
    type Output = Result<Registration, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("register_client", client_id = self.id);
        Box::pin(self.run(Known::default()).instrument(span))
    }
}

/// A creation that is described but not sent: add arguments, then `.await` it.
///
/// Made by [`ClientManager::register_new_client`].
#[derive(Debug, Clone)]
#[must_use = "a registration is not sent until it is awaited"]
pub struct RegisterNewClient {
    manager: ClientManager,
    id: String,
    desired: Desired,
}

impl RegisterNewClient {
    pub(crate) fn new(manager: &ClientManager, id: String) -> Self {
        Self { manager: manager.clone(), id, desired: Desired::default() }
    }

    /// The secret, 1 to 255 characters. Default: a random one.
    pub fn secret(mut self, secret: SecretString) -> Self {
        self.desired.secret = Some(secret);
        self
    }

    /// How long the client's access tokens live, in seconds, 1 to 2,147,483,647. Default: the realm's.
    pub fn token_lifespan(mut self, seconds: i64) -> Self {
        self.desired.token_lifespan = Some(seconds);
        self
    }

    /// Further fields of the client. Default: none.
    pub fn config(mut self, config: ClientConfig) -> Self {
        self.desired.config = config;
        self
    }

    async fn run(self) -> Result<AuthClient, Error> {
        validate::new_client_id(&self.id)?;
        self.desired.check()?;
        let new = new_client(&self.id, &self.desired)?;
        let api = self.manager.api();
        match api.create_client(&new).await? {
            Created::New => Ok(self.manager.auth_client(existing(new))),
            Created::Taken(words) => match api.find_client(&self.id).await? {
                Some(found) if found.uuid == new.uuid => Ok(self.manager.auth_client(existing(new))),
                Some(_) => Err(Error::Conflict {
                    client_id: self.id.clone(),
                    reason: "it exists already; register_client brings an existing one up to date".to_owned(),
                }),
                None => Err(taken(&self.manager, &self.id, &words).await),
            },
        }
    }
}

impl IntoFuture for RegisterNewClient {
    type Output = Result<AuthClient, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("register_new_client", client_id = self.id);
        Box::pin(self.run().instrument(span))
    }
}

/// uuid and secret are made here: the answer needs no second read, and after a lost one the uuid
/// tells whether the client is ours.
fn new_client(id: &str, desired: &Desired) -> Result<NewClient, Error> {
    let secret = desired.secret.clone().map_or_else(random::secret, Ok)?;
    Ok(NewClient { uuid: random::uuid()?, id: id.to_owned(), secret, fields: desired.fields() })
}

fn existing(new: NewClient) -> FoundClient {
    let NewClient { uuid, id, secret, fields } = new;
    FoundClient { uuid, id, secret: Some(secret), fields }
}

/// Why a name is taken although no client with it is to be seen.
async fn taken(manager: &ClientManager, id: &str, words: &str) -> Error {
    if let Err(hidden) = guard::clients_are_visible(manager).await {
        return hidden;
    }
    let user = format!("service-account-{}", id.to_lowercase());
    let reason = format!(
        "no client has this id, but its service account's user name `{user}` is taken, by a client of another \
         spelling or by a user; choose another id (the server says: {words})"
    );
    Error::Conflict { client_id: id.to_owned(), reason }
}
