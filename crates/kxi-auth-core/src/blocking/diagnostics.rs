use crate::blocking::manager::ClientManager;
use crate::blocking::runtime;
use crate::diagnostics::permissions::Permission;
use crate::error::Error;
use crate::model::access_token::AccessToken;

impl ClientManager {
    /// Returns the address of Keycloak including its base path: see [`keycloak_base`](crate::ClientManager::keycloak_base).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn f(manager: kxi_auth_core::blocking::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// println!("Keycloak is at {}", manager.keycloak_base()?);
    /// # Ok(()) }
    /// ```
    pub fn keycloak_base(&self) -> Result<String, Error> {
        runtime::wait(&self.inner, self.inner.keycloak_base())?
    }

    /// Whether the managed realm exists: see [`realm_exists`](crate::ClientManager::realm_exists).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn f(manager: kxi_auth_core::blocking::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// assert!(manager.realm_exists()?);
    /// # Ok(()) }
    /// ```
    pub fn realm_exists(&self) -> Result<bool, Error> {
        runtime::wait(&self.inner, self.inner.realm_exists())?
    }

    /// Signs in as the admin and returns the new token: see [`sign_in`](crate::ClientManager::sign_in).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn f(manager: kxi_auth_core::blocking::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// println!("valid for {} s", manager.sign_in()?.lifetime.as_secs());
    /// # Ok(()) }
    /// ```
    pub fn sign_in(&self) -> Result<AccessToken, Error> {
        runtime::wait(&self.inner, self.inner.sign_in())?
    }

    /// Returns the client ID that the admin signs in with, if that client belongs to the managed realm: see
    /// [`own_client`](crate::ClientManager::own_client).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn f(manager: kxi_auth_core::blocking::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// println!("{}", manager.own_client()?.as_deref().unwrap_or("not a client of this realm"));
    /// # Ok(()) }
    /// ```
    pub fn own_client(&self) -> Result<Option<String>, Error> {
        runtime::wait(&self.inner, self.inner.own_client())?
    }

    /// Returns Keycloak's version, if the server shows it to this admin: see [`server_version`](crate::ClientManager::server_version).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn f(manager: kxi_auth_core::blocking::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// println!("Keycloak {}", manager.server_version()?.as_deref().unwrap_or("(version hidden)"));
    /// # Ok(()) }
    /// ```
    pub fn server_version(&self) -> Result<Option<String>, Error> {
        runtime::wait(&self.inner, self.inner.server_version())?
    }

    /// Returns what the signed-in admin may do: see [`permissions`](crate::ClientManager::permissions).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn f(manager: kxi_auth_core::blocking::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// for permission in manager.permissions()? {
    ///     println!("{permission}: {:?}", permission.access);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn permissions(&self) -> Result<Vec<Permission>, Error> {
        runtime::wait(&self.inner, self.inner.permissions())?
    }
}
