use std::ops::Deref;

use crate::model::auth_client::AuthClient;
use crate::model::warning::Warning;

/// What a registration did. It dereferences to the [`AuthClient`], and becomes one by `into`.
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let done = manager.register_client("my-service").await?;
/// println!("{} has {} more roles", done.id, done.roles_added.len());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Registration {
    /// The client's credentials, always with a secret.
    pub client: AuthClient,
    /// Whether the client is new; otherwise it was there and was kept.
    pub created: bool,
    /// Whether fields of a client that was there were changed, its secret included. Roles are told apart.
    pub updated: bool,
    /// Names of the realm roles that were sent to be mapped, in that order: of an existing client those
    /// that it did not have, of a new one all (`default-roles-<realm>`, which the server gives it
    /// anyway, among them if it was asked for).
    pub roles_added: Vec<String>,
    /// Names of the realm roles that were revoked: none without
    /// [`exact_roles`](crate::RegisterClient::exact_roles).
    pub roles_revoked: Vec<String>,
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
