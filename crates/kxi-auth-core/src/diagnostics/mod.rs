//! Checks that help to find a fault: the address, the realm, the sign-in, the permissions.

pub(crate) mod permissions;

use tracing::Instrument as _;

use crate::diagnostics::permissions::Permission;
use crate::error::Error;
use crate::manager::ClientManager;
use crate::model::access_token::AccessToken;

impl ClientManager {
    /// Returns the address of Keycloak including its base path, such as `https://insights.example.com/auth`, without a
    /// trailing slash.
    ///
    /// One or two requests, without signing in. No request if the address is known already or set by
    /// [`base_path`](crate::ClientManagerBuilder::base_path); [`realm_exists`](Self::realm_exists) then checks whether
    /// Keycloak is there.
    ///
    /// # Errors
    ///
    /// [`Error::EndpointNotFound`] with what responded instead of Keycloak.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// println!("Keycloak is at {}", manager.keycloak_base().await?);
    /// # Ok(()) }
    /// ```
    pub async fn keycloak_base(&self) -> Result<String, Error> {
        let span = tracing::info_span!("keycloak_base");
        self.api().base().instrument(span).await.map(str::to_owned)
    }

    /// Whether the managed realm exists. A disabled realm exists too. The check needs no sign-in, so it
    /// distinguishes a missing realm from a rejected sign-in.
    ///
    /// Source: the public `GET /realms/{realm}`, 404 `Realm does not exist` (observed on Keycloak 24.0.5
    /// and 26.7.3).
    ///
    /// # Errors
    ///
    /// [`Error::EndpointNotFound`] if something other than Keycloak responds.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// if !manager.realm_exists().await? {
    ///     eprintln!("there is no realm {}; names are case-sensitive", manager.realm());
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn realm_exists(&self) -> Result<bool, Error> {
        self.api().realm_exists().instrument(tracing::info_span!("realm_exists")).await
    }

    /// Signs in as the admin, even if the manager has a valid token, and returns the new token. The next operations use
    /// it.
    ///
    /// The token never comes from a cache, so its `iat` shows the server's clock at this moment; Keycloak sends no `Date`
    /// header. Its [`lifetime`](AccessToken::lifetime) is the lifetime of an admin's token on this server.
    ///
    /// Tokens of `admin-cli` carry no roles (observed on Keycloak 26.7.3). To find out what the admin may do, use
    /// [`permissions`](Self::permissions).
    ///
    /// # Errors
    ///
    /// [`Error::TokenRetrieval`] if the server rejects the credentials, or rejected them in the last 30 s; then no
    /// request is sent. [`Error::InvalidParameter`] if the manager has a
    /// [`session`](crate::ClientManagerBuilder::session), which signs in by itself.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// use std::time::{SystemTime, UNIX_EPOCH};
    ///
    /// let token = manager.sign_in().await?;
    /// let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    /// if let Some(claims) = &token.claims {
    ///     let skew = claims.issued_at.saturating_sub_unsigned(now.as_secs());
    ///     println!("valid for {} s; the server's clock is {skew} s ahead", token.lifetime.as_secs());
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn sign_in(&self) -> Result<AccessToken, Error> {
        self.api().sign_in().instrument(tracing::info_span!("sign_in")).await
    }

    /// Returns the client ID that the admin signs in with, if that client belongs to the managed realm. Changes that
    /// would end this are guarded. `None` if a user signs in, if the client belongs to another realm, and with a
    /// [`session`](crate::ClientManagerBuilder::session), whose sign-in is not known.
    ///
    /// The access token says so: its `azp`, and the realm in its `iss`. No request, except the sign-in if there is no
    /// valid token.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let own = manager.own_client().await?;
    /// let mut clients = manager.list_clients().await?;
    /// clients.retain(|client| own.as_deref() != Some(client.id.as_str()));
    /// # Ok(()) }
    /// ```
    pub async fn own_client(&self) -> Result<Option<String>, Error> {
        self.api().own_client().instrument(tracing::info_span!("own_client")).await
    }

    /// Returns Keycloak's version, such as `26.7.3`, or `None` if the server does not show it to this admin.
    ///
    /// Keycloak 26.7.3 shows it to admins who may manage the realm (`realm-admin`, `manage-realm`, the admin of
    /// `master`), but not to admins with only the roles that managing clients needs. Up to Keycloak 26.0 the server shows it
    /// to every admin (observed on 22.0.5, 24.0.5 and 26.0.8). A user without an admin role gets `None`.
    ///
    /// Source: `systemInfo.version` of `GET /admin/serverinfo`, a response of about 300 kB.
    ///
    /// # Errors
    ///
    /// Those of every operation, except [`Error::Forbidden`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// match manager.server_version().await? {
    ///     Some(version) => println!("Keycloak {version}"),
    ///     None => println!("the server hides its version from this user"),
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn server_version(&self) -> Result<Option<String>, Error> {
        let outcome = self.api().server_version().instrument(tracing::info_span!("server_version")).await;
        match outcome {
            Err(Error::Forbidden { .. }) => Ok(None),
            outcome => outcome,
        }
    }

    /// Returns each [`Right`](crate::Right) that the manager's operations need, and whether the signed-in admin has it.
    /// Nothing is written. 4 requests, or up to 8 if the server hides users or clients.
    ///
    /// An admin's token carries no roles. Instead, the check looks at what the server shows, and at the `access` block of
    /// the client `admin-cli`, which every realm has, and of one user. With fine-grained permissions, other clients and
    /// users can have other rights.
    ///
    /// Source: the responses to users with and without each role (observed on Keycloak 24.0.5 and 26.7.3).
    ///
    /// # Errors
    ///
    /// Those of every operation, except [`Error::Forbidden`], which is part of the result.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// use kxi_auth_core::Access;
    ///
    /// for permission in manager.permissions().await? {
    ///     match &permission.access {
    ///         Access::Denied { reason, .. } => println!("missing: {permission} ({reason})"),
    ///         Access::Unknown { reason, .. } => println!("unknown: {permission} ({reason})"),
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn permissions(&self) -> Result<Vec<Permission>, Error> {
        permissions::permissions(self.api()).instrument(tracing::info_span!("permissions")).await
    }
}
