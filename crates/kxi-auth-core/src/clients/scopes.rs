use tracing::Instrument as _;

use crate::error::Error;
use crate::manager::ClientManager;
use crate::model::client_scopes::ClientScopes;

impl ClientManager {
    /// The client scopes that the realm gives a new client that names none of its own. Two requests.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`] if the signed-in user has no `view-clients`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// println!("every token has {}", manager.default_client_scopes().await?.default.join(", "));
    /// # Ok(()) }
    /// ```
    pub async fn default_client_scopes(&self) -> Result<ClientScopes, Error> {
        let asked = async {
            Ok(ClientScopes::new(self.api().default_scopes().await?, self.api().optional_scopes().await?))
        };
        asked.instrument(tracing::info_span!("default_client_scopes")).await
    }
}
