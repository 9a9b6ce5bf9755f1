use crate::error::Error;
use crate::manager;
use crate::manager::builder::ClientManagerBuilder;
use crate::transport::connection::Runtime;

/// Manages the clients (service accounts) of one realm, without async. Each method works like the method with the same
/// name of the [async manager](crate::ClientManager), where its documentation and errors are.
///
/// Cloning is cheap. Clones share the connections, the access token and the base path, and can be used from several
/// threads at the same time.
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
    /// Checks the parameters and creates a manager without async.
    ///
    /// An async runtime should not use the same [`session`](Self::session): its open connections would belong to that
    /// runtime.
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
    /// Starts to build a manager. End with [`build_blocking`](ClientManagerBuilder::build_blocking).
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

    /// Creates a manager from the environment: see [`from_env`](crate::ClientManager::from_env).
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

    /// Creates a builder with the parameters from the environment: see [`builder_from_env`](crate::ClientManager::builder_from_env).
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

    /// The name of the managed realm.
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

    /// The address of kdb Insights Enterprise, a URL without a trailing slash.
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
