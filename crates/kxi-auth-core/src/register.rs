//! `register_client`: create the client or bring it up to date, then give it its roles.

use std::collections::HashSet;
use std::future::{Future, IntoFuture};
use std::ops::Deref;
use std::pin::Pin;

use secrecy::{ExposeSecret as _, SecretString};

use crate::api::{Created, FoundClient, NewClient, Update};
use crate::auth_client::{AuthClient, ClientUuid};
use crate::error::Error;
use crate::manager::ClientManager;
use crate::roles::{Role, Roles, pick};
use crate::{random, validate};

/// A registration that is described but not sent: add arguments, then `.await` it.
///
/// Made by [`ClientManager::register_client`].
#[derive(Debug, Clone)]
#[must_use = "a registration is not sent until it is awaited"]
pub struct RegisterClient {
    manager: ClientManager,
    id: String,
    secret: Option<SecretString>,
    roles: Roles,
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

impl RegisterClient {
    pub(crate) fn new(manager: &ClientManager, id: String) -> Self {
        Self { manager: manager.clone(), id, secret: None, roles: Roles::default() }
    }

    /// The secret to set, 1 to 255 characters. Default: an existing client keeps its own, a new one
    /// gets a random one.
    pub fn secret(mut self, secret: SecretString) -> Self {
        self.secret = Some(secret);
        self
    }

    /// The realm roles to add to the service account; none is ever revoked. Default: [`Roles::All`].
    pub fn roles(mut self, roles: Roles) -> Self {
        self.roles = roles;
        self
    }

    async fn run(self) -> Result<Registration, Error> {
        validate::new_client_id(&self.id)?;
        if let Some(secret) = &self.secret {
            validate::secret(secret)?;
        }
        // Before the create, so that an unknown role leaves nothing behind.
        let wanted = self.wanted_roles().await?;
        let (client, created) = self.create_or_adopt().await?;
        let roles_added = self.add_missing_roles(&client.uuid, created, wanted).await?;
        Ok(Registration { client, created, roles_added })
    }

    async fn wanted_roles(&self) -> Result<Vec<Role>, Error> {
        match &self.roles {
            Roles::None => Ok(Vec::new()),
            Roles::Named(names) if names.is_empty() => Ok(Vec::new()),
            Roles::Named(names) => pick(&self.manager.all_roles().await?, names, self.manager.realm()),
            Roles::All => self.manager.all_roles().await,
        }
    }

    /// The client, and whether it is new. Creating is tried first: the server alone can tell
    /// without a race whether the name is free.
    async fn create_or_adopt(&self) -> Result<(AuthClient, bool), Error> {
        let secret = match &self.secret {
            Some(secret) => secret.clone(),
            None => random::secret()?,
        };
        let new = NewClient { uuid: random::uuid()?, id: self.id.clone(), secret };
        match self.manager.api().create_client(&new).await? {
            Created::New => {
                let NewClient { uuid, id, secret } = new;
                Ok((self.manager.auth_client(id, Some(secret), uuid), true))
            }
            // 409 does not prove that this client exists: the service account's user name is the
            // lower-cased client id, so another spelling or a user can stand in the way.
            Created::Taken(words) => match self.manager.api().find_client(&self.id).await? {
                Some(found) => Ok((self.adopt(found).await?, false)),
                None => Err(self.taken(&words)),
            },
        }
    }

    /// Brings an existing client up to date; sends nothing if nothing differs.
    async fn adopt(&self, found: FoundClient) -> Result<AuthClient, Error> {
        if let Some(obstacle) = found.obstacle() {
            return Err(Error::NotAServiceAccount { client_id: self.id.clone(), reason: obstacle });
        }
        let new_secret = self.secret.as_ref().filter(|wanted| !found.has_secret(wanted));
        if new_secret.is_some() || !found.service_accounts {
            let update = Update { secret: new_secret.cloned() };
            self.manager.api().update_client(&found, &update).await?;
        }
        let secret = self.secret.clone().or(found.secret);
        Ok(self.manager.auth_client(found.id, secret, found.uuid))
    }

    fn taken(&self, words: &str) -> Error {
        let user = format!("service-account-{}", self.id.to_lowercase());
        let reason = format!(
            "no client has this id, but its service account's user name `{user}` is taken, by a client of another \
             spelling or by a user; choose another id (the server says: {words})"
        );
        Error::Conflict { client_id: self.id.clone(), reason }
    }

    async fn add_missing_roles(
        &self,
        uuid: &ClientUuid,
        created: bool,
        mut wanted: Vec<Role>,
    ) -> Result<Vec<String>, Error> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let api = self.manager.api();
        let user = api.service_account_user(uuid).await?;
        if !created {
            let assigned: HashSet<String> =
                api.assigned_roles(&user).await?.into_iter().map(|role| role.name).collect();
            wanted.retain(|role| !assigned.contains(&role.name));
        }
        if !wanted.is_empty() {
            api.add_roles(&user, &wanted).await?;
        }
        Ok(wanted.into_iter().map(|role| role.name).collect())
    }
}

impl FoundClient {
    fn has_secret(&self, wanted: &SecretString) -> bool {
        self.secret.as_ref().is_some_and(|secret| secret.expose_secret() == wanted.expose_secret())
    }
}

impl IntoFuture for RegisterClient {
    type Output = Result<Registration, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
