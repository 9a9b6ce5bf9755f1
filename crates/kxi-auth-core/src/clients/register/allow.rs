//! What a registration refuses, or does, only on demand.

use crate::clients::register::RegisterClient;
use crate::desired::owner::Owner;

impl RegisterClient {
    /// Allows [`Roles::All`] in the realm `master`, where it includes `admin`. Default: false, and it is
    /// [`Error::MasterRoles`].
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

    /// Allows a client that the platform or Keycloak itself needs. Default: false, and it is
    /// [`Error::Builtin`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let client = manager.register_client("insights-app").allow_builtin(true).await?;
    /// # Ok(()) }
    /// ```
    pub fn allow_builtin(mut self, allow: bool) -> Self {
        self.allow_builtin = allow;
        self
    }

    /// Turns an existing client that is public, bearer-only, disabled, of another protocol or
    /// authenticator into a service account. It can break a browser sign-in. Default: false, and it is
    /// [`Error::NotAServiceAccount`].
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

    /// Refuses, as [`Error::Conflict`](crate::Error::Conflict), to change an existing client that is
    /// somebody else's: whose attribute of this name has another value. One without the attribute is
    /// nobody's, and taken. It is looked at in what was last read of the client, just before it is changed;
    /// the attribute itself is set by [`config`](Self::config). Default: whoever's it is.
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
