//! The inputs of a command that changes a client.

use kxi_auth_core::{ClientConfig, SecretString};

use crate::commands::client::options::{self, ConfigArgs, SecretArgs, SecretOutArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::secrets::SecretFile;

/// The inputs of a command that changes a client. They are read before anything is sent.
pub(super) struct Change {
    pub(super) config: ClientConfig,
    /// The secret to set, if given.
    pub(super) secret: Option<SecretString>,
    /// The open file that the client's secret is written to.
    pub(super) file: Option<SecretFile>,
}

impl Change {
    pub(super) async fn read(
        context: &Context<'_>,
        client_id: &str,
        config: &ConfigArgs,
        secret: &SecretArgs,
        out: &SecretOutArgs,
    ) -> Result<Self, Failure> {
        let inputs = [secret.secret_file.as_ref(), config.config.as_ref()];
        let config = options::config(context, config).await?;
        let secret = options::secret(context, secret).await?;
        let file = options::secret_out(context, out, client_id, &inputs)?;
        Ok(Self { config, secret, file })
    }
}
