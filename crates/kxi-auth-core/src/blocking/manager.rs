use crate::error::Error;
use crate::manager;
use crate::manager::builder::ClientManagerBuilder;
use crate::transport::connection::Runtime;

/// Manages the auth clients (service accounts) of one realm, without async. Each method is that of the
/// same name of the [async manager](crate::ClientManager), whose documentation and errors hold here.
///
/// Cloning is cheap; clones share the connections, the access token and the found base path, and can
/// be used from several threads at once.
///
/// # Examples
///
/// ```no_run
/// use kxi_auth_core::blocking::{Call as _, ClientManager};
///
/// let manager = ClientManager::from_env()?;
/// let client = manager.register_client("my-service").call()?;
/// # Ok::<(), kxi_auth_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ClientManager {
    pub(super) inner: manager::ClientManager,
}

impl ClientManagerBuilder {
    /// Checks the parameters, for a manager without async.
    ///
    /// A [`session`](Self::session) that it is given should not be in use by an async runtime: its open
    /// connections belong to that one.
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use kxi_auth_core::ClientManager;
    ///
    /// let manager = ClientManager::builder_from_env()?.realm("insights-test").build_blocking()?;
    /// # Ok::<(), kxi_auth_core::Error>(())
    /// ```
    pub fn build_blocking(self) -> Result<ClientManager, Error> {
        Ok(ClientManager { inner: self.build_for(Runtime::Blocking)? })
    }
}

impl ClientManager {
    /// Starts a manager: end with [`build_blocking`](ClientManagerBuilder::build_blocking).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use kxi_auth_core::SecretString;
    /// use kxi_auth_core::blocking::ClientManager;
    ///
    /// # fn f(password: SecretString) -> Result<(), kxi_auth_core::Error> {
    /// let builder = ClientManager::builder().host("https://insights.example.com").username("admin");
    /// let manager = builder.password(password).build_blocking()?;
    /// # Ok(()) }
    /// ```
    pub fn builder() -> ClientManagerBuilder {
        ClientManagerBuilder::default()
    }

    /// A manager from the environment: see [`from_env`](crate::ClientManager::from_env).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// let manager = kxi_auth_core::blocking::ClientManager::from_env()?;
    /// # Ok::<(), kxi_auth_core::Error>(())
    /// ```
    pub fn from_env() -> Result<Self, Error> {
        Self::builder_from_env()?.build_blocking()
    }

    /// A builder filled from the environment: see [`builder_from_env`](crate::ClientManager::builder_from_env).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use kxi_auth_core::blocking::ClientManager;
    ///
    /// let manager = ClientManager::builder_from_env()?.realm("insights-test").build_blocking()?;
    /// # Ok::<(), kxi_auth_core::Error>(())
    /// ```
    pub fn builder_from_env() -> Result<ClientManagerBuilder, Error> {
        manager::ClientManager::builder_from_env()
    }

    /// The realm that is managed.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn f(manager: kxi_auth_core::blocking::ClientManager) {
    /// println!("{} at {}", manager.realm(), manager.host());
    /// # }
    /// ```
    #[must_use]
    pub fn realm(&self) -> &str {
        self.inner.realm()
    }

    /// Base URL of the instance, without a trailing slash.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn f(manager: kxi_auth_core::blocking::ClientManager) {
    /// println!("{} at {}", manager.realm(), manager.host());
    /// # }
    /// ```
    #[must_use]
    pub fn host(&self) -> &str {
        self.inner.host()
    }
}
