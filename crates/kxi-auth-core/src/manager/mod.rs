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
/// Cloning is cheap. Clones share the connections, the access token and the base path once it is found. Every
/// future is `Send`. Nothing is sent before the first operation, which signs in. The token is renewed before
/// it expires.
///
/// The admin needs the roles `manage-clients`, `manage-users` and `view-realm` of the client
/// `realm-management`. An admin of the realm `master` needs these roles of the client `<realm>-realm` instead
/// (observed on Keycloak 26.7.3).
///
/// Source: the Python class `ClientManager`. Each method names its counterpart there.
///
/// # Errors
///
/// Every method that sends a request can fail with:
///
/// - [`Error::Connection`], [`Error::Tls`], [`Error::Timeout`], [`Error::Server`],
///   [`Error::EndpointNotFound`], [`Error::AdminApiNotFound`] or [`Error::NotKeycloak`] if the server is
///   unavailable
/// - [`Error::TokenRetrieval`] or [`Error::Unauthorized`] if the sign-in fails
/// - [`Error::RealmNotFound`] if the managed realm does not exist
/// - [`Error::Forbidden`] if the admin lacks a role; it names the role
/// - [`Error::Rejected`] if the server rejects the request for another reason
/// - [`Error::UnexpectedResponse`], [`Error::ResponseTooLarge`] or [`Error::Protocol`] if the response is not one that
///   Keycloak sends
///
/// Each method lists the errors that it can return in addition.
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

    /// The name of the managed realm.
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

    /// If this compiles, every future can be moved to another thread.
    #[expect(dead_code, reason = "compiling it is the test")]
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
        is_send(manager.default_role());
        is_send(manager.default_client_scopes());
        is_send(manager.assign_roles(client, Roles::All).into_future());
        is_send(manager.revoke_roles(client, Roles::All).into_future());
        is_send(manager.service_account_roles(client));
        is_send(manager.client_token("", secret));
        is_send(manager.keycloak_base());
        is_send(manager.realm_exists());
        is_send(manager.sign_in());
        is_send(manager.server_version());
        is_send(manager.own_client());
        is_send(manager.permissions());
    }
}
