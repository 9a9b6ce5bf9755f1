use crate::blocking::manager::ClientManager;
use crate::blocking::runtime;
use crate::error::Error;
use crate::model::client_scopes::ClientScopes;

impl ClientManager {
    /// The client scopes that the realm gives a new client: see
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
