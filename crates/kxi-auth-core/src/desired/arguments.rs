use secrecy::SecretString;

use crate::desired::config::ClientConfig;

/// What a client can be given by each operation that writes one: its secret, its token lifespan and its config.
///
/// [`RegisterClient`](crate::RegisterClient), [`RegisterNewClient`](crate::RegisterNewClient) and
/// [`UpdateClient`](crate::UpdateClient) have these setters themselves, and take them all at once by `arguments`,
/// for example to give many clients the same. What is not set stays as it is; a new client gets the default.
///
/// `Debug` does not show the secret, nor any value of the config.
///
/// Source: the arguments `client_secret` (`secret` of `update_client`), `token_lifespan` and `config` of the Python
/// class's `register_client`, `register_new_client` and `update_client`.
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// use kxi_auth_core::{ClientArguments, ClientConfig};
///
/// let config = ClientConfig::new().attribute("owner", "market-data");
/// let arguments = ClientArguments::new().token_lifespan(300).config(config);
/// for id in ["feed-reader", "feed-writer"] {
///     manager.register_client(id).arguments(arguments.clone()).await?;
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct ClientArguments {
    pub(crate) secret: Option<SecretString>,
    pub(crate) token_lifespan: Option<i64>,
    pub(crate) config: ClientConfig,
}

impl ClientArguments {
    /// No arguments: nothing is set.
    ///
    /// # Examples
    ///
    /// ```
    /// let arguments = kxi_auth_core::ClientArguments::new();
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// The secret: 1 to 255 characters as UTF-16 counts them (an emoji is two). Default: a new client gets a random
    /// one, an existing client keeps its own.
    ///
    /// # Examples
    ///
    /// ```
    /// use kxi_auth_core::{ClientArguments, SecretString};
    ///
    /// let arguments = ClientArguments::new().secret(SecretString::from("its secret"));
    /// assert!(!format!("{arguments:?}").contains("its secret"));
    /// ```
    pub fn secret(mut self, secret: SecretString) -> Self {
        self.secret = Some(secret);
        self
    }

    /// How long the client's access tokens live, in seconds: 1 to 2,147,483,647
    /// ([`TOKEN_LIFESPANS`](crate::TOKEN_LIFESPANS)). Default: a new client has the realm's lifespan, an existing
    /// client keeps its own.
    ///
    /// Tokens do not live longer than the session limits of the realm and the client. If one of them is lower, the
    /// operation warns ([`Warning::LifespanCapped`](crate::Warning::LifespanCapped)); an admin without `view-realm` does
    /// not see the realm's limits, so it gets no warning about them. If they cannot be read for another reason, the
    /// warning says so ([`Warning::LifespanNotChecked`](crate::Warning::LifespanNotChecked)). Without a lifespan here,
    /// the stored one is compared with the limits only if the config sets the client's own limit, the attribute
    /// `client.session.max.lifespan`: the comparison takes one more request.
    ///
    /// # Examples
    ///
    /// ```
    /// let arguments = kxi_auth_core::ClientArguments::new().token_lifespan(300);
    /// ```
    pub fn token_lifespan(mut self, seconds: i64) -> Self {
        self.token_lifespan = Some(seconds);
        self
    }

    /// Further fields of the client. A second call replaces the first. Default: none.
    ///
    /// An update cannot change what the server sets only when it creates a client
    /// ([`client_scopes`](ClientConfig::client_scopes)): there it is
    /// [`Error::InvalidParameter`](crate::Error::InvalidParameter) unless the client has it already, and a
    /// registration of an existing client warns.
    ///
    /// # Examples
    ///
    /// ```
    /// use kxi_auth_core::{ClientArguments, ClientConfig};
    ///
    /// let arguments = ClientArguments::new().config(ClientConfig::new().attribute("owner", "market-data"));
    /// ```
    pub fn config(mut self, config: ClientConfig) -> Self {
        self.config = config;
        self
    }

    /// Whether nothing is set. An update with these arguments changes nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use kxi_auth_core::ClientArguments;
    ///
    /// assert!(ClientArguments::new().is_empty());
    /// assert!(!ClientArguments::new().token_lifespan(300).is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.secret.is_none() && self.token_lifespan.is_none() && self.config.is_empty()
    }
}
