//! What is wrong where something is: the address, the realm, the sign-in, the permissions.

pub(crate) mod permissions;

use tracing::Instrument as _;

use crate::diagnostics::permissions::Permission;
use crate::error::Error;
use crate::manager::ClientManager;
use crate::model::access_token::AccessToken;

impl ClientManager {
    /// The address of Keycloak with the path at which it was found, such as
    /// `https://insights.example.com/auth`: a URL without a trailing slash.
    ///
    /// Nothing is asked if it is known already, or if
    /// [`base_path`](crate::ClientManagerBuilder::base_path) gave it: whether Keycloak is there is then told
    /// by [`realm_exists`](Self::realm_exists). Else one or two requests, without signing in.
    ///
    /// # Errors
    ///
    /// [`Error::EndpointNotFound`] tells what answered instead.
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

    /// Whether the server has the managed realm; a disabled one exists. It is asked without signing in,
    /// so that a missing realm can be told from a refused sign-in.
    ///
    /// Source: the public `GET /realms/{realm}`, 404 `Realm does not exist` (seen on Keycloak 24.0.5 and
    /// 26.7.3).
    ///
    /// # Errors
    ///
    /// [`Error::EndpointNotFound`] if it is not Keycloak that answers.
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

    /// Signs in as the admin, whether or not there is a good token, and returns the new one, which the
    /// next operations use.
    ///
    /// The token is never from a cache, so that its `iat` is the server's clock at this moment: Keycloak
    /// sends no `Date` header. Its [`lifetime`](AccessToken::lifetime) is what the server grants an admin.
    ///
    /// The tokens of `admin-cli` name no roles; [`permissions`](Self::permissions) finds out what the
    /// admin may do (seen on Keycloak 26.7.3).
    ///
    /// # Errors
    ///
    /// [`Error::TokenRetrieval`] if the server refuses the credential, or has refused it in the last 30 s:
    /// then it is not asked. [`Error::InvalidParameter`] if the manager was given a
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

    /// Keycloak's version, such as `26.7.3`, or none if the server does not show it to this user.
    ///
    /// Keycloak 26.7.3 shows it to who may manage the realm (`realm-admin`, `manage-realm`, the admin of
    /// `master`), but not to who has the least rights that managing clients needs; 24.0.5 shows it to all
    /// who have any admin role. To a user without an admin role it is refused.
    ///
    /// Source: `systemInfo.version` of `GET /admin/serverinfo`, an answer of some 300 kB.
    ///
    /// # Errors
    ///
    /// Those of every operation, but for [`Error::Forbidden`], which is none.
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

    /// What the signed-in user may do of what the manager's operations need: each
    /// [`Right`](crate::Right) once. Nothing is written. 4 requests, or up to 8 where users or clients are
    /// hidden.
    ///
    /// An admin's token names no roles. So it is asked what the server shows, and what the `access` block
    /// in its answers says: that of the client `admin-cli`, which every realm has, and that of one user.
    /// Where permissions are fine-grained, other clients and users may be dealt with differently.
    ///
    /// Source: the answers to users with and without each role (seen on Keycloak 24.0.5 and 26.7.3).
    ///
    /// # Errors
    ///
    /// Those of every operation, but for [`Error::Forbidden`], which is one of the answers.
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
    ///         Access::Unknown { reason, .. } => println!("cannot tell: {permission} ({reason})"),
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn permissions(&self) -> Result<Vec<Permission>, Error> {
        permissions::permissions(self.api()).instrument(tracing::info_span!("permissions")).await
    }
}
