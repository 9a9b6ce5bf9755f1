pub(crate) mod builder;
mod credentials;
mod env;
pub(crate) mod guard;
mod parameters;
mod sign_in;

use std::sync::Arc;

use crate::admin::Api;
use crate::error::Error;
use crate::model::auth_client::AuthClient;
use crate::model::stored_client::StoredClient;
use crate::transport::connection::Connection;

/// Manages the auth clients (service accounts) of one realm, signed in as a Keycloak admin.
///
/// Cloning is cheap; clones share the connections, the access token and the found base path. Every
/// future is `Send`. Nothing is sent before the first operation, which signs in; the token is renewed
/// before it expires.
///
/// The admin needs the roles `manage-clients`, `manage-users` and `view-realm` of the client
/// `realm-management` (an admin of the realm `master`: of the client `<realm>-realm`; seen on
/// Keycloak 26.7.3).
///
/// Source: `ClientManager` of the Python class; each method names its own there.
///
/// # Errors
///
/// Whatever asks the server can fail with [`Error::Connection`], [`Error::Tls`], [`Error::Timeout`],
/// [`Error::Server`] or [`Error::EndpointNotFound`] if the server is away, [`Error::TokenRetrieval`] or
/// [`Error::Unauthorized`] if the sign-in fails, [`Error::RealmNotFound`], [`Error::Forbidden`] with the
/// role that is missing, [`Error::Rejected`] and [`Error::Protocol`]. Each method names what it adds.
///
/// # Examples
///
/// ```no_run
/// use kxi_auth_core::{ClientManager, SecretString};
///
/// # async fn f(password: SecretString) -> Result<(), kxi_auth_core::Error> {
/// let manager = ClientManager::builder()
///     .host("https://insights.example.com")
///     .username("admin")
///     .password(password)
///     .build()?;
/// for client in manager.list_clients().await? {
///     println!("{} {}", client.id, client.uuid);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct ClientManager {
    api: Arc<Api>,
}

impl ClientManager {
    pub(crate) fn new(connection: Connection) -> Result<Self, Error> {
        Ok(Self { api: Arc::new(Api::new(connection)?) })
    }

    /// Name of the realm that is managed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::{ClientManager, SecretString};
    /// # let builder = ClientManager::builder().username("admin").password(SecretString::from("x"));
    /// let manager = builder.host("https://insights.example.com").build()?;
    /// assert_eq!(manager.realm(), "insights");
    /// # Ok::<(), kxi_auth_core::Error>(())
    /// ```
    #[must_use]
    pub fn realm(&self) -> &str {
        self.api.realm()
    }

    /// The address of kdb Insights Enterprise, a URL without a trailing slash.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::{ClientManager, SecretString};
    /// # let builder = ClientManager::builder().username("admin").password(SecretString::from("x"));
    /// let manager = builder.host("https://insights.example.com/").build()?;
    /// assert_eq!(manager.host(), "https://insights.example.com");
    /// # Ok::<(), kxi_auth_core::Error>(())
    /// ```
    #[must_use]
    pub fn host(&self) -> &str {
        &self.api.connection.host
    }

    pub(crate) fn api(&self) -> &Api {
        &self.api
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.api.connection
    }

    pub(crate) fn auth_client(&self, stored: StoredClient) -> AuthClient {
        stored.into_auth_client(self.host())
    }
}

#[cfg(test)]
mod tests {
    use std::future::IntoFuture;

    use secrecy::SecretString;

    use super::*;
    use crate::model::role::Roles;

    fn is_send<T: Send>(_: T) {}

    /// Compiling is the test: each future can be moved to another thread.
    #[expect(dead_code, reason = "only compiled")]
    fn every_future_is_send(manager: &ClientManager, client: &AuthClient, secret: &SecretString) {
        is_send(manager.register_client("").into_future());
        is_send(manager.register_new_client("").into_future());
        is_send(manager.update_client(client).into_future());
        is_send(manager.rotate_secret(client).into_future());
        is_send(manager.get_client("").into_future());
        is_send(manager.list_clients().into_future());
        is_send(manager.list_clients().stream());
        is_send(manager.delete_client("").into_future());
        is_send(manager.delete_client_by_uuid(&client.uuid).into_future());
        is_send(manager.all_roles());
        is_send(manager.default_client_scopes());
        is_send(manager.assign_roles(client, Roles::All).into_future());
        is_send(manager.revoke_roles(client, Roles::All));
        is_send(manager.client_roles(client));
        is_send(manager.client_token("", secret));
        is_send(manager.keycloak_base());
        is_send(manager.realm_exists());
        is_send(manager.sign_in());
        is_send(manager.server_version());
        is_send(manager.permissions());
    }
}
