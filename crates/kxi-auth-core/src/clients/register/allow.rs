//! What a registration does only if the caller allows it.

use crate::clients::register::RegisterClient;
use crate::desired::owner::Owner;

impl RegisterClient {
    /// Allows [`Roles::All`](crate::Roles::All) in the realm `master`, where it includes `admin`. Default: false, which
    /// returns [`Error::MasterRoles`](crate::Error::MasterRoles).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.register_client("my-service").allow_master_roles(true).await?;
    /// # Ok(()) }
    /// ```
    pub fn allow_master_roles(mut self, allow: bool) -> Self {
        self.allow_master_roles = allow;
        self
    }

    /// Allows the change of a built-in client, which kdb Insights Enterprise or Keycloak needs. Default: false, which
    /// returns [`Error::Builtin`](crate::Error::Builtin).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.register_client("insights-app").allow_builtin(true).await?;
    /// # Ok(()) }
    /// ```
    pub fn allow_builtin(mut self, allow: bool) -> Self {
        self.allow.builtin = allow;
        self
    }

    /// Allows a change that ends the sign-in of the client that the admin signs in as, or takes away its permissions.
    /// Default: false, which returns [`Error::OwnClient`](crate::Error::OwnClient). With a
    /// [`session`](crate::ClientManagerBuilder::session) the own client is not known, and nothing is rejected.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::{AuthClient, ClientManager, Error, Roles};
    /// # async fn f(manager: ClientManager, client: AuthClient) -> Result<(), Error> {
    /// let client = manager.register_client("registrar").roles(Roles::None).exact_roles(true).allow_self(true).await?;
    /// # Ok(()) }
    /// ```
    pub fn allow_self(mut self, allow: bool) -> Self {
        self.allow.own = allow;
        self
    }

    /// Converts an existing client to a service account if it is public, bearer-only, disabled, of another protocol or
    /// authenticator, or bound to a `DPoP` proof or a client certificate. This can break a browser sign-in. Default: false, which returns
    /// [`Error::NotAServiceAccount`](crate::Error::NotAServiceAccount).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.register_client("once-public").convert(true).await?;
    /// # Ok(()) }
    /// ```
    pub fn convert(mut self, convert: bool) -> Self {
        self.desired.convert = convert;
        self
    }

    /// Rejects, as [`Error::Conflict`](crate::Error::Conflict), an existing client that belongs to another owner: this
    /// attribute of it has another value. A client without the attribute has no owner, and is accepted. The check uses
    /// the last read of the client, just before the change. To set the attribute, use [`config`](Self::config).
    /// Default: any owner.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::{ClientConfig, ClientManager, Error};
    /// # async fn f(manager: ClientManager) -> Result<(), Error> {
    /// let config = ClientConfig::new().attribute("owner", "market-data");
    /// let registration = manager.register_client("my-service").config(config);
    /// registration.respect_owner("owner", "market-data").await?;
    /// # Ok(()) }
    /// ```
    pub fn respect_owner(mut self, attribute: impl Into<String>, owner: impl Into<String>) -> Self {
        self.desired.owner = Some(Owner { attribute: attribute.into(), name: owner.into() });
        self
    }
}
