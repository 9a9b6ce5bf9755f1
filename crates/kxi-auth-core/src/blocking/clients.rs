use secrecy::SecretString;

use crate::blocking::manager::ClientManager;
use crate::blocking::runtime;
use crate::clients::bulk::Bulk;
use crate::clients::delete::{DeleteClient, DeleteClientByUuid};
use crate::clients::get::GetClient;
use crate::clients::list::ListClients;
use crate::clients::plan::PlanClient;
use crate::clients::register::RegisterClient;
use crate::clients::register_new::RegisterNewClient;
use crate::clients::rotate_secret::RotateSecret;
use crate::clients::update::UpdateClient;
use crate::error::Error;
use crate::model::access_token::AccessToken;
use crate::model::auth_client::AuthClient;
use crate::model::client_scopes::ClientScopes;
use crate::model::client_uuid::ClientUuid;

impl ClientManager {
    /// Creates or updates a client, and assigns realm roles: see [`register_client`](crate::ClientManager::register_client).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.register_client("my-service").token_lifespan(300).call()?;
    /// println!("{} {}", client.uuid, if client.created { "created" } else { "kept" });
    /// # Ok(()) }
    /// ```
    pub fn register_client(&self, id: impl Into<String>) -> RegisterClient {
        self.inner.register_client(id)
    }

    /// Creates a client, and never changes an existing one: see [`register_new_client`](crate::ClientManager::register_new_client).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.register_new_client("my-service").call()?;
    /// # Ok(()) }
    /// ```
    pub fn register_new_client(&self, id: impl Into<String>) -> RegisterNewClient {
        self.inner.register_new_client(id)
    }

    /// Registers many clients: see [`register_clients`](crate::ClientManager::register_clients).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let items = ["svc-a", "svc-b"].map(|id| manager.register_client(id));
    /// for outcome in manager.register_clients(items).call()? {
    ///     println!("{} is there", outcome?.id);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn register_clients(&self, items: impl IntoIterator<Item = RegisterClient>) -> Bulk<RegisterClient> {
        self.inner.register_clients(items)
    }

    /// Plans many registrations: see [`plan_clients`](crate::ClientManager::plan_clients).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let plans = manager.plan_clients([manager.register_client("my-service")]).call()?;
    /// # Ok(()) }
    /// ```
    pub fn plan_clients(&self, items: impl IntoIterator<Item = RegisterClient>) -> Bulk<PlanClient> {
        self.inner.plan_clients(items)
    }

    /// Changes an existing client: see [`update_client`](crate::ClientManager::update_client).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").call()?;
    /// manager.update_client(&client).token_lifespan(600).call()?;
    /// # Ok(()) }
    /// ```
    pub fn update_client(&self, client: &AuthClient) -> UpdateClient {
        self.inner.update_client(client)
    }

    /// Updates many clients: see [`update_clients`](crate::ClientManager::update_clients).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let clients = manager.list_clients().call()?;
    /// let mine = clients.iter().filter(|client| client.id.starts_with("svc-"));
    /// let items = mine.map(|client| manager.update_client(client).token_lifespan(600));
    /// let outcomes = manager.update_clients(items).call()?;
    /// # Ok(()) }
    /// ```
    pub fn update_clients(&self, items: impl IntoIterator<Item = UpdateClient>) -> Bulk<UpdateClient> {
        self.inner.update_clients(items)
    }

    /// Replaces the secret by a new random one: see [`rotate_secret`](crate::ClientManager::rotate_secret).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").call()?;
    /// let client = manager.rotate_secret(&client).call()?;
    /// # Ok(()) }
    /// ```
    pub fn rotate_secret(&self, client: &AuthClient) -> RotateSecret {
        self.inner.rotate_secret(client)
    }

    /// Returns the client with exactly this client ID: see [`get_client`](crate::ClientManager::get_client).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").call()?;
    /// # Ok(()) }
    /// ```
    pub fn get_client(&self, id: impl Into<String>) -> GetClient {
        self.inner.get_client(id)
    }

    /// Finds many clients: see [`get_clients`](crate::ClientManager::get_clients).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let items = ["svc-a", "svc-b"].map(|id| manager.get_client(id));
    /// let clients = manager.get_clients(items).call()?;
    /// # Ok(()) }
    /// ```
    pub fn get_clients(&self, items: impl IntoIterator<Item = GetClient>) -> Bulk<GetClient> {
        self.inner.get_clients(items)
    }

    /// Lists the clients of the realm, all at once or one after another: see [`list_clients`](crate::ClientManager::list_clients).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let all = manager.list_clients().call()?;
    /// for client in manager.list_clients().with_secret(false) {
    ///     println!("{}", client?);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn list_clients(&self) -> ListClients {
        self.inner.list_clients()
    }

    /// Deletes the client with exactly this client ID: see [`delete_client`](crate::ClientManager::delete_client).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let deleted = manager.delete_client("my-service").call()?;
    /// # Ok(()) }
    /// ```
    pub fn delete_client(&self, id: impl Into<String>) -> DeleteClient {
        self.inner.delete_client(id)
    }

    /// Deletes the client with this UUID: see [`delete_client_by_uuid`](crate::ClientManager::delete_client_by_uuid).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.get_client("my-service").call()?;
    /// manager.delete_client_by_uuid(&client.uuid).call()?;
    /// # Ok(()) }
    /// ```
    pub fn delete_client_by_uuid(&self, uuid: &ClientUuid) -> DeleteClientByUuid {
        self.inner.delete_client_by_uuid(uuid)
    }

    /// Deletes many clients: see [`delete_clients`](crate::ClientManager::delete_clients).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let items = ["svc-a", "svc-b"].map(|id| manager.delete_client(id));
    /// let outcomes = manager.delete_clients(items).call()?;
    /// # Ok(()) }
    /// ```
    pub fn delete_clients(&self, items: impl IntoIterator<Item = DeleteClient>) -> Bulk<DeleteClient> {
        self.inner.delete_clients(items)
    }

    /// Signs in as a client: see [`client_token`](crate::ClientManager::client_token).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::blocking::{Call as _, ClientManager};
    /// # fn f(manager: ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.register_client("my-service").call()?;
    /// if let Some(secret) = &client.secret {
    ///     let token = manager.client_token(&client.id, secret)?;
    ///     println!("good for {} s", token.lifetime.as_secs());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn client_token(&self, id: &str, secret: &SecretString) -> Result<AccessToken, Error> {
        runtime::wait(&self.inner, self.inner.client_token(id, secret))?
    }

    /// Returns the client scopes that the realm assigns to a new client: see
    /// [`default_client_scopes`](crate::ClientManager::default_client_scopes).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn f(manager: kxi_auth_core::blocking::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// println!("every token has {}", manager.default_client_scopes()?.default.join(", "));
    /// # Ok(()) }
    /// ```
    pub fn default_client_scopes(&self) -> Result<ClientScopes, Error> {
        runtime::wait(&self.inner, self.inner.default_client_scopes())?
    }
}
